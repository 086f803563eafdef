// Shows the received webhooks, newest first. All data is rendered as text, never as markup.

const REFRESH_MS = 1000;
const MAX_SHOWN = 500;
const list = document.querySelector("#deliveries");
const state = document.querySelector("#state");
const template = document.querySelector("#delivery");
const secret = document.querySelector("#secret");
const mismatch = document.querySelector("#mismatch");
const secretState = document.querySelector("#secret-state");
let last = 0;
let answered = 0; // the latest delivery when a new secret was entered

function indented(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function render(delivery) {
  const item = template.content.cloneNode(true);
  const put = (selector, text) => {
    item.querySelector(selector).textContent = text;
  };
  const received = new Date(delivery.received_at);
  item.querySelector("time").dateTime = delivery.received_at;
  put("time", received.toLocaleTimeString());
  put(".event", delivery.event || "unknown event");
  put(".payment", delivery.payment_id);
  put(".attempt", `attempt ${delivery.attempt}`);
  put(".status", `answered ${delivery.status}`);
  put(".verdict", delivery.verified ? "verified" : "not verified");
  put(".problem", delivery.problem ?? "");
  put(".hint", delivery.hint ? "The signature was made with a different secret. Enter the new one under \u201cWebhook secret\u201d." : "");
  put(".body", indented(delivery.body));
  put(".headers", Object.entries(delivery.headers).map(([name, value]) => `${name}: ${value}`).join("\n"));
  item.querySelector("li").className = delivery.verified ? "verified" : "unverified";
  return item;
}

function show(deliveries) {
  const newest = deliveries[0]?.number ?? 0;
  if (newest < last) { // the receiver was restarted
    list.replaceChildren();
    last = 0;
  }
  const fresh = deliveries.filter((delivery) => delivery.number > last);
  list.prepend(...fresh.map(render));
  while (list.childElementCount > MAX_SHOWN) list.lastElementChild.remove();
  last = newest;
  document.querySelector("#empty").hidden = newest > 0;
  askForSecret(Boolean(deliveries[0]?.hint) && newest > answered);
  const verified = deliveries.filter((delivery) => delivery.verified).length;
  state.textContent = `${deliveries.length} received, ${verified} verified`;
}

function askForSecret(wanted) {
  if (wanted === !mismatch.hidden) return;
  mismatch.hidden = !wanted;
  secret.classList.toggle("wanted", wanted);
  if (wanted) {
    secret.open = true;
    secretState.textContent = "";
  }
}

async function useSecret(event) {
  event.preventDefault();
  const input = event.target.querySelector("input");
  try {
    const response = await fetch("/secret", { method: "PUT", body: JSON.stringify({ secret: input.value }) });
    if (!response.ok) throw new Error("The secret must be one word, such as whsec_ and 32 characters.");
    input.value = "";
    answered = last;
    askForSecret(false);
    secretState.textContent = "Webhooks are verified with the new secret from now on.";
  } catch (error) {
    secretState.textContent = error instanceof TypeError ? "The receiver does not respond. Try again." : error.message;
  }
}

secret.querySelector("form").addEventListener("submit", useSecret);

async function refresh() {
  try {
    const response = await fetch("/deliveries");
    show(await response.json());
    state.classList.remove("lost");
  } catch {
    state.textContent = "The receiver does not respond. Retrying…";
    state.classList.add("lost");
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh();
