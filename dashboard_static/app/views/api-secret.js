/** The state of the API secret: replace it, and end the overlap with the previous one. */

import { endPreviousApiSecret, me } from "../api.js";
import { Code } from "../parts/code.js";
import { TEST_MERCHANT } from "../parts/credentials.js";
import { Dialog } from "../parts/dialog.js";
import { Facts } from "../parts/facts.js";
import { notify } from "../parts/notice.js";
import { Loaded } from "../parts/states.js";
import { When } from "../parts/when.js";
import { useAction, useRequest } from "../request.js";
import { html, useState } from "../ui.js";
import { ReplaceSecretDialog } from "./replace-secret-dialog.js";

const REFRESH_MS = 30_000; // so that the end of an overlap is shown

export function ApiSecret() {
  const request = useRequest(me, [], { everyMs: REFRESH_MS });
  return html`
    <section class="card" data-test-id="api-secret-state">
      <h2>API secret</h2>
      <${Loaded} request=${request} rows=${2} show=${(account) => html`<${State} account=${account} reload=${request.reload} />`} />
    </section>
  `;
}

function State({ account, reload }) {
  const [open, setOpen] = useState(null);
  const close = () => (setOpen(null), reload());
  const { previous_api_secret_fingerprint: previous, previous_api_secret_valid_until: until } = account;
  return html`
    <div class="secret-state">
      ${previous
        ? html`<p data-test-id="secret-overlap">
            <b>Two secrets are valid.</b> The previous one ends at <${When} at=${until} exact />. Before that, your servers must have the
            new one.
          </p>`
        : html`<p>If the secret is lost or leaked, or a person who knows it leaves, replace it. Your servers can continue to use the old one for some time.</p>`}
      ${account.api_key === TEST_MERCHANT.key &&
      html`<p class="faint">This is the test merchant. Local commands and examples use its public secret, and fail after it has ended.</p>`}
      <p class="faint">A fingerprint identifies a secret without revealing it.</p>
      <${Facts} of=${[
        [previous ? "New secret" : "Fingerprint", html`<code>${account.api_secret_fingerprint}</code>`],
        ["Previous secret", previous && html`<code>${previous}</code>`],
      ]} />
      <details>
        <summary>Which secret does a server use?</summary>
        <p>A fingerprint is the first 8 characters of the SHA-256 of a secret. This command shows that of the secret of a server:</p>
        <${Code} text=${'printf %s "$API_SECRET" | sha256sum | cut -c 1-8'} what="the command" />
      </details>
    </div>
    <div class="actions start">
      ${previous && html`<button type="button" class="button" data-test-id="end-overlap-button" onClick=${() => setOpen("end")}>End the previous secret</button>`}
      <button type="button" class="button" data-test-id="replace-secret-button" onClick=${() => setOpen("replace")}>Replace the secret</button>
    </div>
    ${open === "replace" && html`<${ReplaceSecretDialog} account=${account} reload=${reload} close=${close} />`}
    ${open === "end" && html`<${EndDialog} ended=${previous} close=${close} />`}
  `;
}

function EndDialog({ ended: asked, close }) {
  const [ended] = useState(asked); // the secret that the user saw, although the account is refreshed
  const { run, isBusy, error } = useAction();
  const confirm = async () => {
    if (!(await run(() => endPreviousApiSecret(ended)))) return;
    notify("The previous secret ends within a minute.");
    close();
  };
  return html`
    <${Dialog} title="End the previous secret?" close=${close}>
      <p>
        Servers that still use the secret with the fingerprint <code>${ended}</code> get the status 401, within a minute. This cannot be
        undone.
      </p>
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${close}>Cancel</button>
        <button type="button" class="button danger" data-test-id="confirm-end-overlap-button" aria-disabled=${isBusy} onClick=${confirm}>
          ${isBusy ? "Ending…" : "End it"}
        </button>
      </div>
    <//>
  `;
}
