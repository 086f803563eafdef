/** Creates sample data, with progress. It lists first what it creates. */

import { money } from "../format.js";
import { newKey } from "../idempotency.js";
import { Dialog } from "../parts/dialog.js";
import { useAction } from "../request.js";
import { createSamples, SAMPLES, STEPS } from "../sample-data.js";
import { html, useEffect, useRef, useState } from "../ui.js";

export function SampleDataDialog({ close }) {
  const [key] = useState(newKey); // one for the dialog: continuing and trying again create nothing twice
  const [done, setDone] = useState(null); // steps; null before the start
  const { run, isBusy, error } = useAction();
  const isStopped = useRef(false);
  useEffect(() => () => (isStopped.current = true), []); // a closed dialog sends no further requests
  const isComplete = done === STEPS;
  const start = () => {
    isStopped.current = false;
    setDone(0);
    run(() => createSamples(key, { report: setDone, isStopped: () => isStopped.current }));
  };
  return html`
    <${Dialog} title="Create sample data" close=${close}>
      <p>Creates ${SAMPLES.length} orders in your test account, each with a payment. No money moves, and your webhook URL gets their events. They cannot be deleted.</p>
      ${done === null && html`<${Planned} />`}
      <p role="status" class="progress" data-test-id="sample-data-progress">${done !== null && words(done, isBusy)}</p>
      ${done !== null && html`<progress class="bar" aria-label="Progress" max=${STEPS} value=${done}></progress>`}
      ${error && html`<p class="field-error" role="alert">${error.message} Continue to create the rest; nothing is created twice.</p>`}
      ${isComplete && html`<p><a href="/dashboard/transactions" data-test-id="created-samples-link">View the transactions</a></p>`}
      <div class="actions">
        ${isBusy && html`<button type="button" class="button" data-test-id="stop-sample-data-button" onClick=${() => (isStopped.current = true)}>Stop</button>`}
        <button type="button" class="button" onClick=${close}>Close</button>
        ${!isComplete &&
        html`
          <button type="button" class="button primary" data-test-id="create-sample-data-button" aria-disabled=${isBusy} onClick=${start}>
            ${isBusy ? "Creating…" : done === null ? `Create ${SAMPLES.length} payments` : "Continue"}
          </button>
        `}
      </div>
    <//>
  `;
}

function Planned() {
  return html`<ul class="planned" tabindex="0" aria-label="Payments to create">${SAMPLES.map(({ amount, what }) => html`<li><span>${money(amount, "INR")}</span> ${what}</li>`)}</ul>`;
}

function words(done, isBusy) {
  const created = Math.min(done, SAMPLES.length);
  const text = `${created} of ${SAMPLES.length} payments created`;
  if (done === STEPS) return `${text}, with their captures and refunds.`;
  const rest = created === SAMPLES.length ? "; captures and refunds follow their outcomes" : "";
  return isBusy ? `${text}${rest} …` : `Stopped: ${text}${rest}.`;
}
