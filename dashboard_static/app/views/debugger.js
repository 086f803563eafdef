/** The signature debugger: shows which rule fails when a webhook does not verify. Pasted data does not leave the page. */

import { health, webhookConfig } from "../api.js";
import { useRequest } from "../request.js";
import { useAddress } from "../router.js";
import { html, useMemo, useState } from "../ui.js";
import { diagnose } from "../webhooks/diagnosis.js";

const SIGNS = { true: ["good", "passed"], false: ["bad", "failed"], null: ["", "unknown"] };
const HEADERS_HINT = "webhook-id: …\nwebhook-timestamp: …\nwebhook-signature: v1,…\nX-Webhook-Signature: …";

export function Debugger() {
  const given = useAddress().state; // data from a webhook's log
  const [pasted, setPasted] = useState({ body: given.body ?? "", headers: given.headers ?? "", secret: "" });
  const own = useRequest(known, []);
  const knownSecret = own.data?.webhook_secret;
  const set = (name) => (event) => setPasted({ ...pasted, [name]: event.target.value });
  return html`
    <div class="stack">
      <h1>Signature debugger</h1>
      <p class="lead">Paste the request that your receiver got and the secret that it uses. All checks run in your browser; no data is sent.</p>
      <div class="columns even">
        <section class="card stack">
          <${Area} id="debug-body" label="Raw body" rows="9" value=${pasted.body} onInput=${set("body")} />
          <${Area} id="debug-headers" label="Headers" rows="7" placeholder=${HEADERS_HINT} value=${pasted.headers} onInput=${set("headers")} />
          <div class="field">
            <label for="debug-secret">Secret</label>
            <span class="joined">
              <input id="debug-secret" spellcheck="false" autocomplete="off" placeholder="whsec_…" value=${pasted.secret} onInput=${set("secret")} />
              <button type="button" class="button" disabled=${!knownSecret} onClick=${() => setPasted({ ...pasted, secret: knownSecret })}>
                Use mine
              </button>
            </span>
          </div>
        </section>
        <section class="card" role="status" data-test-id="debugger-result">
          <h2>Result</h2>
          <${Result} ...${pasted} knownSecret=${knownSecret} aheadMs=${own.data?.aheadMs ?? 0} />
        </section>
      </div>
    </div>
  `;
}

/** The merchant's secret, and the offset of the device's clock, so that a wrong clock does not affect the timestamp check. */
async function known(signal) {
  const [config, server] = await Promise.all([webhookConfig(signal), health(signal).catch(() => null)]);
  return { ...config, aheadMs: server ? Date.now() - Date.parse(server.timestamp) : 0 };
}

function Area({ id, label, ...area }) {
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <textarea id=${id} spellcheck="false" autocomplete="off" ...${area}></textarea>
    </div>
  `;
}

function Result({ body, headers, secret, knownSecret, aheadMs }) {
  const rules = useMemo(
    () => diagnose({ body, headers, secret, knownSecret, nowS: (Date.now() - aheadMs) / 1000 }),
    [body, headers, secret, knownSecret, aheadMs],
  );
  if (!body && !headers) return html`<p class="faint">Paste a body and its headers to start.</p>`;
  return html`
    <ol class="rules">
      ${rules.map(({ name, holds, says }) => {
        const [tone, sign] = SIGNS[holds];
        return html`<li class="rule ${tone}" data-holds=${String(holds)}><b>${name}</b> <span class="unseen">${sign}.</span><p>${says}</p></li>`;
      })}
    </ol>
  `;
}
