/** The steps of the page Get started. */

import { createOrder, payments, runReceiverCheck, saveWebhookUrl, testWebhookEndpoint } from "../api.js";
import { config } from "../config.js";
import { nameOf } from "../endpoints.js";
import { money } from "../format.js";
import { newKey } from "../idempotency.js";
import { checkoutLink, paymentLink } from "../links.js";
import { isLive } from "../mode.js";
import { Code } from "../parts/code.js";
import { Copy } from "../parts/copy.js";
import { TEST_MERCHANT } from "../parts/credentials.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { Secret } from "../parts/secret.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { attempted, TestResult } from "../parts/test-result.js";
import { useAction, useRequest } from "../request.js";
import { here, navigate, useAddress } from "../router.js";
import { current } from "../session.js";
import { html, useRef, useState } from "../ui.js";
import { LabDialog } from "./lab-dialog.js";

const AMOUNT = 50_000;
const FOLLOW_MS = 2_000;
const MAX_EXCERPT_CHARS = 500;
const FORGED = [
  ["tampered-body", "A webhook with a changed body is rejected"],
  ["wrong-secret", "A webhook signed with another secret is rejected"],
];
const INPUTS = [
  ["UPI, succeeds", "success@upi"],
  ["UPI, declined", "failure@upi"],
  ["Card, succeeds", "4111 1111 1111 1111"],
  ["Card, declined", "4000 0000 0000 0002"],
];

function Step({ title, name, isDone, children }) {
  return html`
    <li class="card task" data-test-id="step-${name}" data-done=${String(Boolean(isDone))}>
      <h2>${title} <span class="status ${isDone ? "good" : ""}">${isDone ? "done" : "to do"}</span></h2>
      ${children}
    </li>
  `;
}

export function UrlStep({ state: { config: saved, endpoint }, reload }) {
  const [url, setUrl] = useState(saved.webhook_url ?? "");
  const { run, isBusy, error } = useAction();
  const [isMissing, setMissing] = useState(false);
  const type = (text) => (setUrl(text), setMissing(false));
  const save = async (event) => {
    event.preventDefault();
    setMissing(!url.trim());
    if (!url.trim() || !(await run(() => saveWebhookUrl(url.trim())))) return;
    notify("URL saved");
    reload();
  };
  return html`
    <${Step} title="Webhook URL" name="url" isDone=${endpoint}>
      <p>The gateway sends the events of your payments to this address of your server.</p>
      <form class="config" data-test-id="start-url-form" onSubmit=${save} noValidate>
        <${Field} id="start-url" label="URL" type="url" spellcheck="false" autocomplete="url" placeholder="https://shop.example/webhook"
          data-test-id="start-url-input" value=${url} error=${isMissing ? "Enter a URL." : error?.message} hint=${hint(endpoint)} onInput=${(event) => type(event.target.value)} />
        <button class="button primary" data-test-id="start-save-url-button" aria-disabled=${isBusy}>${isBusy ? "Saving…" : "Save"}</button>
      </form>
      <${WithoutServer} use=${type} />
      <div class="labelled"><h3>Signing secret</h3><${Secret} value=${saved.webhook_secret} what="the signing secret" testId="start-secret" /></div>
      <p class="hint">Your server verifies each webhook with it. The <a href="/dashboard/docs">documentation</a> has complete receivers.</p>
    <//>
  `;
}

/** A merchant can have no default URL, but other endpoints. */
function hint(endpoint) {
  if (endpoint && endpoint.id !== "default") return `These steps use your endpoint ${nameOf(endpoint)}.`;
  return undefined;
}

function WithoutServer({ use }) {
  const isLocal = Boolean(config.receiverUrl);
  const hasReceiver = isLocal && current().merchant.api_key === TEST_MERCHANT.key;
  if (hasReceiver) {
    return html`
      <p class="hint">
        No server yet? <button type="button" class="button small" data-test-id="use-receiver-button" onClick=${() => use(config.receiverUrl)}>Use the local receiver</button>
      </p>
    `;
  }
  const local = "This gateway runs on your machine, so the URL may start with http://localhost.";
  const tunnel = "No public server yet? Run a receiver of the documentation on your machine, and give it a public address with a tunnel, such as cloudflared or ngrok.";
  return html`<p class="hint">${isLocal ? local : tunnel}</p>`;
}

export function TestEventStep({ state: { endpoint, isAccepted }, reload }) {
  const [log, setLog] = useState(null);
  const { run, isBusy, error } = useAction();
  const send = async () => {
    setLog(null);
    await run(async () => setLog(await attempted((await testWebhookEndpoint(endpoint.id, "webhook.test")).id)));
    reload();
  };
  return html`
    <${Step} title="Test event" name="test" isDone=${isAccepted}>
      <p>Send <code>webhook.test</code> to your URL. A response with a status of 200 to 299 within 5 seconds accepts it.</p>
      <div class="actions start">
        <button type="button" class="button" data-test-id="start-test-button" disabled=${!endpoint} aria-disabled=${isBusy} onClick=${send}>
          ${isBusy ? "Waiting for the response…" : "Send a test event"}
        </button>
      </div>
      ${!endpoint && html`<p class="hint">Save a URL first.</p>`}
      <div role="status" data-test-id="start-test-result">${log && html`<${Delivery} log=${log} />`}</div>
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
    <//>
  `;
}

function Delivery({ log }) {
  const body = log.attempt_log[0]?.response_body;
  return html`
    <${TestResult} log=${log} />
    ${body && html`<${Code} text=${body.slice(0, MAX_EXCERPT_CHARS)} what="the response of your server" />`}
    ${log.status !== "success" && html`<p class="hint">If your server rejects the signature, the <a href="/dashboard/debugger">signature debugger</a> shows why.</p>`}
  `;
}

/** The order is part of the address, so that its payment is still followed after a reload. */
export function PaymentStep({ state: { paid }, reload }) {
  const { order } = useAddress().query;
  const key = useRef(newKey()); // kept until the order exists
  const { run, isBusy, error } = useAction();
  const create = async () => {
    const body = { amount: AMOUNT, currency: "INR", receipt: "get-started" };
    const created = await run(() => createOrder(body, key.current));
    if (!created) return;
    key.current = newKey();
    window.open(checkoutLink(created.id), "_blank", "noopener"); // a blocked window can be opened with the link
    navigate(here({ order: created.id }), { replace: true });
  };
  return html`
    <${Step} title="Test payment" name="payment" isDone=${paid}>
      <p>Create an order of ${money(AMOUNT, "INR")}, and pay it on the checkout page as your buyers do. No money moves.</p>
      <div class="actions start">
        <button type="button" class="button" data-test-id="start-payment-button" aria-disabled=${isBusy} onClick=${create}>
          ${isBusy ? "Creating the order…" : order ? "Create another order" : "Create an order and open the checkout"}
        </button>
      </div>
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      ${order && html`<${Followed} key=${order} order=${order} reload=${reload} />`}
    <//>
  `;
}

function Followed({ order, reload }) {
  const isReported = useRef(false);
  const load = async (signal) => {
    const { data } = await payments({ order_id: order, limit: 5 }, signal);
    if (!isReported.current && data.some(({ status }) => status === "success")) {
      isReported.current = true;
      reload();
    }
    return data;
  };
  const request = useRequest(load, [order], { everyMs: FOLLOW_MS });
  const show = (attempts) => html`
    <div role="status" data-test-id="start-payment-result" class="result">
      ${attempts.length
        ? attempts.map(({ id, status }) => html`<p key=${id}><${Status} of=${status} /> <a href=${paymentLink(id)}><code>${id}</code></a></p>`)
        : html`<p>Waiting for you to pay …</p>`}
    </div>
  `;
  return html`
    <p><a href=${checkoutLink(order)} target="_blank" rel="noopener" data-test-id="start-checkout-link">Open the checkout of <code>${order}</code></a> and enter:</p>
    <dl class="inputs">
      ${INPUTS.map(([name, value]) => html`<div><dt>${name}</dt><dd><code>${value}</code> <${Copy} text=${value} what=${value} /></dd></div>`)}
    </dl>
    <p class="hint">Any name, CVV and future expiry date. On a gateway without TEST_MODE, most payments succeed whatever you enter.</p>
    <${Loaded} request=${request} show=${show} rows=${1} />
  `;
}

export function VerifiedStep({ state: { endpoint, successLog }, reload }) {
  const [results, setResults] = useState({});
  const [isLabOpen, setLabOpen] = useState(false);
  const { run, isBusy, error } = useAction();
  const isRejecting = FORGED.every(([check]) => results[check]?.status === "pass");
  const hasFailed = FORGED.some(([check]) => results[check] && results[check].status !== "pass");
  const check = async () => {
    setResults({});
    await run(async () => {
      for (const [name] of FORGED) {
        const result = await runReceiverCheck(endpoint.id, { check: name, signature: "standard" });
        setResults((now) => ({ ...now, [name]: result }));
      }
    });
    reload();
  };
  return html`
    <${Step} title=${isLive ? "Payment webhook" : "Verified webhook"} name="verified" isDone=${successLog && (isLive || isRejecting)}>
      <ul class="checks">
        <${Finding} name="payment.success is accepted" status=${successLog ? "pass" : null} testId="start-accepted">
          ${successLog
            ? html`<a href="/dashboard/webhooks?log=${successLog.id}">View details</a>`
            : `It is sent after a successful payment. ${isLive ? "" : "Make a test payment."}`}
        <//>
        ${!isLive &&
        FORGED.map(
          ([name, text]) => html`<${Finding} key=${name} name=${text} status=${results[name]?.status ?? null} testId="start-${name}">${results[name]?.reason}<//>`,
        )}
      </ul>
      ${!isLive &&
      html`
        <div class="actions start">
          <button type="button" class="button" data-test-id="start-check-button" disabled=${!endpoint} aria-disabled=${isBusy} onClick=${check}>
            ${isBusy ? "Checking…" : "Send forged webhooks"}
          </button>
        </div>
        <p class="hint">${endpoint ? "The results are not stored: run the checks again after a reload." : "Save a URL first."}</p>
      `}
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      ${hasFailed && html`<${Diagnosis} openLab=${() => setLabOpen(true)} />`}
      ${isLabOpen && html`<${LabDialog} endpoint=${endpoint} close=${() => setLabOpen(false)} />`}
      ${successLog && isRejecting && html`<p class="result" data-test-id="start-complete">Your webhooks are verified. Next: <a href="/dashboard/docs">integrate the checkout</a>.</p>`}
    <//>
  `;
}

function Finding({ name, status, testId, children }) {
  return html`
    <li data-test-id=${testId} data-status=${status ?? ""}>
      <div class="check-head"><span>${name}</span>${status && html`<${Status} of=${status} />`}</div>
      <p class=${status === "fail" ? "field-error" : "hint"}>${children}</p>
    </li>
  `;
}

function Diagnosis({ openLab }) {
  return html`
    <p data-test-id="start-diagnosis">
      Everyone who knows the URL can send such webhooks. <button type="button" class="button small" onClick=${openLab}>Run all checks</button>,
      compare your code with the <a href="/dashboard/docs">verification examples</a>, or paste a webhook into the <a href="/dashboard/debugger">signature debugger</a>.
    </p>
  `;
}
