/** One webhook: its payload, and the request and response of each attempt. */

import { retryWebhook, webhook } from "../api.js";
import { Code } from "../parts/code.js";
import { Copy } from "../parts/copy.js";
import { Facts } from "../parts/facts.js";
import { notify } from "../parts/notice.js";
import { Loaded } from "../parts/states.js";
import { deliveryStatus, Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useAction, useRequest } from "../request.js";
import { here, link, navigate } from "../router.js";
import { html } from "../ui.js";
import { curl } from "../webhooks/curl.js";

const REFRESH_MS = 2_000;

export function WebhookView({ id }) {
  const request = useRequest((signal) => webhook(id, signal), [id], { everyMs: REFRESH_MS });
  return html`
    <div class="stack">
      <p class="back"><a href=${here({ log: undefined })}>← Webhooks</a></p>
      <h1>Webhook</h1>
      <${Loaded} request=${request} rows=${8} show=${(log) => html`<${Log} log=${log} reload=${request.reload} />`} />
    </div>
  `;
}

function Log({ log, reload }) {
  const { run, isBusy, error } = useAction();
  const retry = async () => {
    const done = await run(() => retryWebhook(log.id));
    if (done) notify(done.message);
    reload();
  };
  return html`
    <div class="stack">
      <section class="card" data-test-id="webhook-detail" data-webhook-id=${log.id}>
        <div class="payment-head">
          <p class="payment-amount">${log.event}</p>
          <${Status} of=${deliveryStatus(log)} />
          <div class="actions">
            <button type="button" class="button primary" data-test-id="retry-now-button" aria-disabled=${isBusy} onClick=${retry}>Retry now</button>
          </div>
        </div>
        ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
        <${Facts} of=${facts(log)} />
      </section>
      <section class="card">
        <h2>Attempts</h2>
        ${log.attempt_log.length
          ? log.attempt_log.map((attempt, index) => html`<${Attempt} key=${attempt.at} attempt=${attempt} number=${index + 1} log=${log} />`).reverse()
          : html`<p class="faint">There are no attempts yet.</p>`}
      </section>
      <section class="card">
        <h2>Payload</h2>
        <${Code} text=${JSON.stringify(log.payload, null, 2)} what="the payload" testId="webhook-payload" />
        <details>
          <summary>The exact body that is signed and sent</summary>
          <${Code} text=${log.body} what="the exact body" />
        </details>
      </section>
    </div>
  `;
}

function facts(log) {
  const { payment_id: paymentId } = log;
  const isTest = log.event === "webhook.test";
  return [
    ["Log", html`<code>${log.id}</code> <${Copy} text=${log.id} what="the log's id" />`],
    ["Payment", paymentId && !isTest && html`<a href="/dashboard/transactions?payment=${paymentId}"><code>${paymentId}</code></a>`],
    ["Endpoint", html`<a href=${link("/dashboard/webhooks", { endpoint: log.endpoint_id })}><code>${log.endpoint_id}</code></a>`],
    ["Created", html`<${When} at=${log.created_at} exact />`],
    ["Attempts", String(log.attempts)],
    ["Next attempt", log.next_retry_at && html`<${When} at=${log.next_retry_at} exact />`],
  ];
}

function Attempt({ attempt, number, log }) {
  const { url, request_headers: headers, response_headers: answered } = attempt;
  const isTaken = attempt.response_code >= 200 && attempt.response_code <= 299;
  const debug = () => navigate("/dashboard/debugger", { state: { body: log.body, headers: lines(headers) } });
  return html`
    <details class="attempt" data-test-id="webhook-attempt">
      <summary>
        <b>Attempt ${number}</b> <${When} at=${attempt.at} exact />
        <span class="status ${isTaken ? "good" : "bad"}">${attempt.response_code ?? "no response"}</span>
        <span class="faint">${attempt.latency_ms} ms · ${attempt.trigger}</span>
      </summary>
      ${attempt.error && html`<p class="field-error">${attempt.error}</p>`}
      ${url &&
      html`
        <h3>Request</h3>
        <p><code>POST ${url}</code></p>
        <${Code} text=${lines(headers)} what="the request's headers" />
      `}
      ${answered &&
      html`
        <h3>Response</h3>
        <${Code} text=${lines(answered) || "(no headers)"} what="the response's headers" />
        ${attempt.response_headers_truncated && html`<p class="faint">Some headers were too long or too many and were not stored.</p>`}
        <${Code} text=${attempt.response_body || "(no body)"} what="the response's body" />
        ${attempt.response_truncated && html`<p class="faint">Only the beginning of the body was stored.</p>`}
      `}
      ${url &&
      html`
        <div class="actions">
          <${Copy} text=${curl({ method: "POST", url, headers, body: log.body })} what="the request" label="Copy as curl" />
          <button type="button" class="button small" onClick=${debug}>Debug the signature</button>
        </div>
      `}
    </details>
  `;
}

function lines(headers) {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
