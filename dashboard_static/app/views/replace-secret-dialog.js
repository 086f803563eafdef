/** Replaces the API secret, and shows the new one once. */

import { replaceApiSecret } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { Radios, Select } from "../parts/options.js";
import { Secret } from "../parts/secret.js";
import { exactTime } from "../times.js";
import { useAction } from "../request.js";
import { html, useState } from "../ui.js";

const OVERLAPS = [
  ["1", "1 hour"],
  ["24", "24 hours"],
  ["72", "3 days"],
  ["168", "7 days"],
  ["0", "None: it leaked, and ends now"],
];
const CONFLICT = "API_SECRET_CONFLICT";

/** `account` is refreshed by `reload` after a conflict: then two secrets are valid, and the dialog asks which one is in use. */
export function ReplaceSecretDialog({ account, reload, close }) {
  const [hours, setHours] = useState("24");
  const [used, setUsed] = useState(null);
  const [missing, setMissing] = useState(null);
  const [made, setMade] = useState(null);
  const { run, isBusy, error } = useAction();
  const { api_secret_fingerprint: current, previous_api_secret_fingerprint: previous } = account;
  const replace = async (event) => {
    event.preventDefault();
    if (previous && !used) return setMissing("Select the secret that your servers use.");
    await run(async () => {
      try {
        setMade(await replaceApiSecret({ overlap_hours: Number(hours), replaces: replaced({ current, previous, used, hours }) }));
      } catch (refusal) {
        if (refusal.code === CONFLICT) (setUsed(null), reload());
        throw refusal;
      }
    });
  };
  if (made) return html`<${NewSecret} made=${made} close=${close} />`;
  const isEnding = hours === "0";
  return html`
    <${Dialog} title="Replace the API secret?" close=${close}>
      <form data-test-id="replace-secret-form" onSubmit=${replace} noValidate>
        <p>You get a new secret, which is shown once. The API key stays the same.</p>
        ${previous &&
        html`
          <${Radios} name="used" legend="Two secrets are valid. Which one do your servers use?" chosen=${used}
            choose=${(fingerprint) => (setUsed(fingerprint), setMissing(null))} options=${[
              [previous, "The previous one", `Fingerprint ${previous}. The new one was lost, or is not in use yet.`],
              [current, "The new one", `Fingerprint ${current}. The previous one is not in use any more.`],
            ]} />
          <p class="hint">The other secret ends now.</p>
          ${missing && html`<p class="field-error" role="alert">${missing}</p>`}
        `}
        <${Select} id="overlap" label="How long does the secret in use stay valid?" options=${OVERLAPS} chosen=${hours} choose=${setHours}
          data-test-id="overlap-select" />
        <p class="hint">
          ${isEnding
            ? "Within a minute, your servers get the status 401, until they have the new secret."
            : "Put the new secret on your servers in this time. Both secrets work until then."}
        </p>
        ${error && html`<p class="field-error" role="alert">${textOf(error)}</p>`}
        <div class="actions">
          <button type="button" class="button" onClick=${close}>Cancel</button>
          <button class="button ${isEnding ? "danger" : "primary"}" data-test-id="confirm-replace-button" aria-disabled=${isBusy}>
            ${isBusy ? "Replacing…" : "Replace"}
          </button>
        </div>
      </form>
    <//>
  `;
}

/** The fingerprint of the secret that ends now; undefined if the only valid secret stays valid. */
function replaced({ current, previous, used, hours }) {
  if (previous) return used === previous ? current : previous;
  return hours === "0" ? current : undefined;
}

function textOf(error) {
  if (error.code !== CONFLICT) return error.message;
  return "The secret has just been replaced, here or in another tab. If you do not have the new secret, it was lost: replace it again, and select the previous one.";
}

/** The API returns the secret only once, so that Escape does not close the dialog. */
function NewSecret({ made, close }) {
  const { api_secret: secret, fingerprint, previous_valid_until: until } = made;
  return html`
    <${Dialog} title="New API secret" close=${close} stays>
      <p>Store the secret now, where your servers read it. It is not shown again.</p>
      <p><${Secret} value=${secret} what="the API secret" testId="new-api-secret" /></p>
      <p class="faint">Fingerprint <code>${fingerprint}</code></p>
      <p>${until ? `The previous secret works until ${exactTime(until)}.` : "The previous secret ends within a minute."}</p>
      <div class="actions">
        <button type="button" class="button primary" data-test-id="stored-secret-button" onClick=${close}>I have stored it</button>
      </div>
    <//>
  `;
}
