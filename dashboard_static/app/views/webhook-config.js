/** The URL and signing secret of the default endpoint, with a test. */

import { regenerateWebhookSecret, saveWebhookUrl, sendTestWebhook, webhookConfig } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { Secret } from "../parts/secret.js";
import { Loaded } from "../parts/states.js";
import { attempted, TestResult } from "../parts/test-result.js";
import { useAction, useRequest } from "../request.js";
import { html, useState } from "../ui.js";

/** `children` are below the form. `onChanged` is called after the URL was saved; a new `version` loads the configuration again. */
export function WebhookConfig({ version, onChanged, onTested, children }) {
  const request = useRequest(webhookConfig, [version]);
  const reload = () => {
    request.reload();
    onChanged();
  };
  const show = (config) => html`<${Config} config=${config} reload=${reload} onTested=${onTested} />`;
  return html`
    <section class="card" aria-labelledby="endpoint-default" data-test-id="webhook-config">
      <h3 id="endpoint-default">Default endpoint</h3>
      <${Loaded} request=${request} show=${show} rows=${8} />
      ${children}
    </section>
  `;
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
        hint="The gateway sends the events of this endpoint to this URL. Leave it empty to disable webhooks." onInput=${(event) => setUrl(event.target.value)} />
      <button class="button primary" data-test-id="save-webhook-button" aria-disabled=${saving.isBusy}>Save</button>
    </form>
    <div class="config-row">
      <div>
        <h4 class="label">Signing secret</h4>
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
