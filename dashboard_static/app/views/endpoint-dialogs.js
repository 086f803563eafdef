/** Dialogs of a webhook endpoint: delete it, regenerate its secret, show a new secret. */

import { deleteWebhookEndpoint, regenerateEndpointSecret } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { notify } from "../parts/notice.js";
import { Secret } from "../parts/secret.js";
import { useAction } from "../request.js";
import { html } from "../ui.js";

export function DeleteDialog({ endpoint, close, done }) {
  const confirm = async () => {
    await deleteWebhookEndpoint(endpoint.id);
    notify("Endpoint deleted");
    return endpoint;
  };
  return html`
    <${Confirmation} title="Delete the endpoint?" action="Delete" testId="confirm-delete-endpoint-button" confirm=${confirm} close=${close} done=${done}>
      <p><code>${endpoint.url}</code></p>
      <p>It receives no further webhooks. Webhooks that wait for an attempt end as failed. This cannot be undone.</p>
    <//>
  `;
}

export function RegenerateDialog({ endpoint, close, done }) {
  return html`
    <${Confirmation} title="Regenerate the secret?" action="Regenerate" testId="confirm-regenerate-endpoint-button"
      confirm=${() => regenerateEndpointSecret(endpoint.id)} close=${close} done=${done}>
      <p><code>${endpoint.url}</code></p>
      <p>
        For 24 hours, webhook-signature contains signatures of both secrets. X-Webhook-Signature uses only the new secret: a
        receiver that checks it rejects webhooks until it has the new secret, and then gets them by retries.
      </p>
    <//>
  `;
}

/** The API returns the secret only in this response, so that Escape does not close the dialog. */
export function SecretDialog({ endpoint, secret, close }) {
  return html`
    <${Dialog} title="Signing secret" close=${close} stays>
      <p>Copy the secret now and store it in your receiver. It is not shown again.</p>
      <p><${Secret} value=${secret} what="the endpoint's secret" testId="endpoint-secret" /></p>
      <p class="faint">Endpoint <code>${endpoint.url}</code></p>
      <div class="actions">
        <button type="button" class="button primary" data-test-id="close-secret-button" onClick=${close}>I have stored it</button>
      </div>
    <//>
  `;
}

/** `done` is called with the result of `confirm`. */
function Confirmation({ title, action, testId, confirm, close, done, children }) {
  const { run, isBusy, error } = useAction();
  const onClick = async () => {
    const result = await run(confirm);
    if (result) done(result);
  };
  return html`
    <${Dialog} title=${title} close=${close}>
      ${children}
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${close}>Cancel</button>
        <button type="button" class="button danger" data-test-id=${testId} aria-disabled=${isBusy} onClick=${onClick}>${action}</button>
      </div>
    <//>
  `;
}
