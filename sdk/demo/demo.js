// A merchant's page: requests an order from its server, opens the checkout, and shows callbacks and webhooks.
// Callbacks are not proof of payment; the server learns the outcome by webhook.

const merchantServer = document.querySelector('meta[name="merchant-server"]').content;
const REFRESH_MS = 1000;
const PATIENCE_MS = 20_000;
const part = (name) => document.querySelector(`[data-test-id="${name}"]`);
const buyButton = part("buy-button");
const orders = new Set();
const shown = new Set();

function show(source, name, data, { verdict = "", bad = false } = {}) {
  part("timeline").querySelector(".waiting")?.remove();
  const entry = document.querySelector("#entry").content.cloneNode(true).firstElementChild;
  const put = (selector, text) => {
    entry.querySelector(selector).textContent = text;
  };
  entry.dataset.source = source;
  entry.classList.toggle("bad", bad);
  put("time", new Date().toLocaleTimeString());
  put(".source", source);
  put(".name", name);
  put(".verdict", verdict);
  if (data === undefined) entry.querySelector("details").remove();
  else put("pre", JSON.stringify(data, null, 2));
  part("timeline").prepend(entry);
}

async function ask(path, options) {
  if (!merchantServer) throw new Error("the demo shop works only with `make run`");
  const response = await fetch(merchantServer + path, { signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem);
  return answer;
}

async function buy() {
  if (buyButton.getAttribute("aria-disabled") === "true") return;
  buyButton.setAttribute("aria-disabled", "true"); // keeps the focus, unlike `disabled`
  part("demo-problem").textContent = "";
  try {
    const { key, order, webhook_url: webhookUrl } = await ask("/orders", { method: "POST" });
    orders.add(order.id);
    show("server", "POST /api/v1/orders", order);
    if (!webhookUrl.startsWith(merchantServer)) show("server", `webhooks are sent to another URL: ${webhookUrl}`);
    open(key, order.id);
  } catch (error) {
    part("demo-problem").textContent = `The shop's server${merchantServer && ` at ${merchantServer}`} could not create an order: ${error.message}.`;
  } finally {
    buyButton.removeAttribute("aria-disabled");
  }
}

function open(key, orderId) {
  const mode = part("mode").value; // the method of the SDK
  const gateway = new PaymentGateway({
    key,
    orderId,
    locale: part("language").value || undefined,
    returnUrl: "/demo",
    confirmClose: true,
    onReady: () => show("page", "onReady"),
    onError: (data) => show("page", "onError", data, { verdict: "not started", bad: true }),
    onSuccess: (data) => show("page", "onSuccess", data, { verdict: "paid" }),
    onFailure: (data) => show("page", "onFailure", data, { verdict: "not paid", bad: true }),
    onClose: (data) => show("page", "onClose", data),
  });
  show("page", mode, { key, orderId });
  gateway[mode](part("inline-checkout")); // only `mount` has a parameter
}

/** After a redirect, the address has the result. The demo shows it; a shop verifies the signature on its server. */
function showReturn() {
  const result = Object.fromEntries(new URLSearchParams(window.location.search));
  if (!result.order_id) return;
  orders.add(result.order_id);
  const bad = result.status !== "success";
  show("page", "return URL", result, { verdict: bad ? "not paid" : "paid", bad });
}

async function listen() {
  try {
    const deliveries = orders.size ? await ask("/deliveries") : [];
    for (const delivery of deliveries.reverse()) { // the oldest first
      if (shown.has(delivery.number) || !delivery.verified) continue;
      shown.add(delivery.number);
      const body = JSON.parse(delivery.body);
      if (orders.has(body.data.payment?.order_id)) show("webhook", body.event, body, { verdict: "signature verified" });
    }
  } catch {
    // The server is not available; the next request returns all deliveries.
  }
  setTimeout(listen, REFRESH_MS);
}

buyButton.addEventListener("click", buy);
buyButton.disabled = false; // clicks had no effect before
showReturn();
listen();
