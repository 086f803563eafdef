/** The steps of a payment, each with its webhooks and their attempts. */

import { money } from "../format.js";
import { deliveryStatus, Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { html } from "../ui.js";

const TITLES = {
  created: "Created",
  success: "Succeeded",
  failed: "Failed",
  captured: "Captured",
  voided: "Voided",
  "refund.created": "Refund created",
  "refund.processed": "Refund processed",
  "refund.failed": "Refund failed",
};
const TONES = { success: "good", captured: "good", "refund.processed": "good", failed: "bad", "refund.failed": "bad" };

export function Timeline({ steps, payment }) {
  return html`
    <ol class="timeline" data-test-id="payment-timeline">
      ${steps.map((step) => html`<${Step} key=${`${step.name} ${step.refund?.id}`} step=${step} payment=${payment} />`)}
      ${payment.status === "pending" && html`<li class="step waiting"><b>Waiting for processing</b></li>`}
    </ol>
  `;
}

function Step({ step, payment }) {
  const { name, at, refund, logs } = step;
  return html`
    <li class="step ${TONES[name] ?? ""}" data-step=${name}>
      <p class="step-title">
        <b>${TITLES[name]}</b>
        ${refund && html`<span>${money(refund.amount, payment.currency)}</span>`}
        <${When} at=${at} exact />
      </p>
      ${refund && html`<p class="faint"><code>${refund.id}</code>${name === "refund.created" && refund.reason && ` · ${refund.reason}`}</p>`}
      ${name === "failed" && html`<p>${payment.error_description}</p>`}
      ${logs.map((log) => html`<${Delivery} key=${log.id} log=${log} />`)}
    </li>
  `;
}

function Delivery({ log }) {
  return html`
    <div class="delivery">
      <p>
        <span class="faint">Webhook</span>
        <a href="/dashboard/webhooks?log=${log.id}"><code>${log.event}</code></a>
        <${Status} of=${deliveryStatus(log)} />
        ${log.next_retry_at && log.attempts > 0 && html`<span class="faint">next attempt <${When} at=${log.next_retry_at} exact /></span>`}
      </p>
      <ul>
        ${log.attempt_log.map(
          (attempt, index) => html`
            <li>
              <span>Attempt ${index + 1}</span> <span>${attempt.response_code ?? attempt.error}</span>
              <span class="faint">${attempt.latency_ms} ms</span> <${When} at=${attempt.at} exact />
            </li>
          `,
        )}
      </ul>
    </div>
  `;
}
