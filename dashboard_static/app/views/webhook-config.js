/** The webhook URL and signing secret, with a test. */

import { regenerateWebhookSecret, saveWebhookUrl, sendTestWebhook, webhook, webhookConfig } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { Secret } from "../parts/secret.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { useAction, useRequest } from "../request.js";
import { html, useState } from "../ui.js";

export function WebhookConfig({ onTested }) {
  const request = useRequest(webhookConfig, []);
  const show = (config) => html`<${Config} config=${config} reload=${request.reload} onTested=${onTested} />`;
  return html`<section class="card" data-test-id="webhook-config"><${Loaded} request=${request} show=${show} rows=${4} /></section>`;
}

function Config({ config, reload, onTested }) {
  const [url, setUrl] = useState(config.webhook_url ?? "");
  const saving = useAction();
  const save = async (event) => {
    event.preventDefault();
    if (!(await saving.run(() => saveWebhookUrl(url.trim() || null)))) return;
    notify(url.trim() ? "URL saved" : "Webhooks are off");
    reload();
  };
  return html`
    ${config.disabled_at && html`<p class="warning" role="alert">Disabled: ${config.disabled_reason}</p>`}
    <form class="config" data-test-id="webhook-config-form" onSubmit=${save} noValidate>
      <${Field} id="webhook-url" label="URL" type="url" spellcheck="false" autocomplete="url" placeholder="https://shop.example/webhook"
        data-test-id="webhook-url-input" value=${url} error=${saving.error?.message}
        hint="The gateway sends every event to this URL. Leave it empty to disable webhooks." onInput=${(event) => setUrl(event.target.value)} />
      <button class="button primary" data-test-id="save-webhook-button" aria-disabled=${saving.isBusy}>Save</button>
    </form>
    <div class="config-row">
      <div>
        <h2 class="label">Signing secret</h2>
        <${Secret} value=${config.webhook_secret} what="the signing secret" testId="webhook-secret" />
      </div>
      <${Regenerate} reload=${reload} />
    </div>
    <${TestWebhook} isPossible=${Boolean(config.webhook_url)} onTested=${onTested} />
  `;
}

function Regenerate({ reload }) {
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction();
  const confirm = async () => {
    if (!(await run(regenerateWebhookSecret))) return;
    notify("Secret regenerated");
    setAsked(false);
    reload();
  };
  return html`
    <button type="button" class="button" data-test-id="regenerate-secret-button" onClick=${() => setAsked(true)}>Regenerate</button>
    ${isAsked &&
    html`
      <${Dialog} title="Regenerate the secret?" close=${() => setAsked(false)}>
        <p>
          For 24 hours, webhook-signature contains signatures of both secrets. X-Webhook-Signature uses only the new secret: a
          receiver that checks it rejects webhooks until it has the new secret, and then gets them by retries.
        </p>
        ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
        <div class="actions">
          <button type="button" class="button" onClick=${() => setAsked(false)}>Cancel</button>
          <button type="button" class="button danger" data-test-id="confirm-regenerate-button" aria-disabled=${isBusy} onClick=${confirm}>
            Regenerate
          </button>
        </div>
      <//>
    `}
  `;
}

const POLL_MS = 500;
const PATIENCE_MS = 20_000;

function TestWebhook({ isPossible, onTested }) {
  const [result, setResult] = useState(null);
  const { run, isBusy, error } = useAction();
  const test = async () => {
    setResult(null);
    await run(async () => setResult(await attempted((await sendTestWebhook()).id)));
    onTested();
  };
  return html`
    <div class="config-row">
      <p>Send <code>webhook.test</code> to the saved URL and show the response.</p>
      <button type="button" class="button" data-test-id="test-webhook-button" disabled=${!isPossible} aria-disabled=${isBusy} onClick=${test}>
        ${isBusy ? "Waiting for the response…" : "Send a test"}
      </button>
    </div>
    <div role="status" data-test-id="test-webhook-result">${result && html`<${TestResult} log=${result} />`}</div>
    ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
  `;
}

function TestResult({ log }) {
  const [attempt] = log.attempt_log;
  const link = html`<a href="/dashboard/webhooks?log=${log.id}">View details</a>`;
  if (!attempt) return html`<p class="result">There is no attempt yet. ${link}</p>`;
  return html`
    <p class="result">
      <${Status} of=${log.status} /> ${attempt.response_code ?? attempt.error} after ${attempt.latency_ms} ms. ${link}
    </p>
  `;
}

/** The log after its first attempt, or its current state after a time-out. */
async function attempted(id) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const log = await webhook(id);
    if (log.attempts > 0 || Date.now() > deadline) return log;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
