/** Checks the server behind an endpoint: one request per check, with visible progress. */

import { receiverChecks, runReceiverCheck } from "../api.js";
import { nameOf } from "../endpoints.js";
import { Dialog } from "../parts/dialog.js";
import { Radios } from "../parts/options.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { useAction, useRequest } from "../request.js";
import { html, useEffect, useRef, useState } from "../ui.js";

const SIGNATURES = [
  ["standard", "webhook-signature", "Standard Webhooks, with the id and the time."],
  ["hex", "X-Webhook-Signature only", "Skips the checks that this signature cannot pass."],
];
const UNAVAILABLE = 404;

export function LabDialog({ endpoint, close }) {
  const checks = useRequest((signal) => receiverChecks(endpoint.id, signal), [endpoint.id]);
  const isUnavailable = checks.error?.status === UNAVAILABLE;
  return html`
    <${Dialog} title="Check the receiver" close=${close}>
      <p class="faint">${nameOf(endpoint)}</p>
      ${isUnavailable
        ? html`<${Unavailable} close=${close} />`
        : html`<${Loaded} request=${checks} rows=${6} show=${(all) => html`<${Checks} all=${all} endpointId=${endpoint.id} close=${close} />`} />`}
    <//>
  `;
}

function Checks({ all, endpointId, close }) {
  const [signature, setSignature] = useState("standard");
  const [results, setResults] = useState(null); // by check; null before the first run
  const [running, setRunning] = useState(null);
  const { run, isBusy, error } = useAction();
  const isStopped = useRef(false);
  useEffect(() => () => (isStopped.current = true), []); // a closed dialog sends no further requests

  const start = async (submitted) => {
    submitted.preventDefault();
    isStopped.current = false;
    setResults({});
    await run(async () => {
      for (const { check } of all) {
        if (isStopped.current) break;
        setRunning(check);
        const result = await runReceiverCheck(endpointId, { check, signature });
        setResults((now) => ({ ...now, [check]: result }));
      }
    });
    setRunning(null);
  };
  return html`
    <form data-test-id="lab-form" onSubmit=${start}>
      <p class="hint">Sends sample events to the endpoint, valid and forged ones. Their objects do not exist.</p>
      <${Radios} name="lab-signature" legend="The server verifies" options=${SIGNATURES} chosen=${signature} choose=${setSignature} disabled=${isBusy} />
      <p role="status" class="progress" data-test-id="lab-progress">${results && words(all, Object.values(results), isBusy)}</p>
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${close}>Close</button>
        ${isBusy && html`<button type="button" class="button" data-test-id="stop-lab-button" onClick=${() => (isStopped.current = true)}>Stop</button>`}
        <button class="button primary" data-test-id="run-lab-button" aria-disabled=${isBusy}>
          ${isBusy ? "Checking…" : results ? "Run again" : `Run ${all.length} checks`}
        </button>
      </div>
      <ul class="checks" aria-label="Checks">
        ${all.map((one) => html`<${Check} key=${one.check} ...${one} result=${results?.[one.check]} isRunning=${one.check === running} />`)}
      </ul>
    </form>
  `;
}

function Check({ check, purpose, guide, result, isRunning }) {
  const status = result?.status ?? (isRunning ? "checking" : null);
  return html`
    <li data-test-id="lab-check" data-check=${check} data-status=${status ?? ""}>
      <div class="check-head">
        <span>${purpose}</span>
        ${status && html`<${Status} of=${status} />`}
      </div>
      ${result && html`<p class=${result.status === "fail" ? "field-error" : "hint"}>${sentence(result.reason)}</p>`}
      ${result?.status === "fail" && html`<p class="hint">Explained in <code>${guide}</code></p>`}
      ${result?.status === "pass" && result.advice && html`<p class="hint">${result.advice}</p>`}
    </li>
  `;
}

function Unavailable({ close }) {
  return html`
    <p>This stage does not send forged requests to your server. Use a development stage, or check the server from the command line:</p>
    <p><code>python -m infra lab URL --secret whsec_…</code></p>
    <div class="actions"><button type="button" class="button" onClick=${close}>Close</button></div>
  `;
}

function words(all, results, isBusy) {
  const number = (status) => results.filter((result) => result.status === status).length;
  const counts = [`${number("pass")} passed`, `${number("fail")} failed`, number("skip") && `${number("skip")} skipped`];
  const text = counts.filter(Boolean).join(", ");
  if (isBusy) return `${results.length} of ${all.length} checks: ${text} …`;
  return results.length < all.length ? `Stopped after ${results.length} of ${all.length} checks: ${text}.` : `${text}.`;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;
