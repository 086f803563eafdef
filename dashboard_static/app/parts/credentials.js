/** The merchant's API key, and a placeholder for the secret. */

import { current } from "../session.js";
import { html } from "../ui.js";
import { Copy } from "./copy.js";
import { Secret } from "./secret.js";

/** The test merchant exists only outside production, and its secret is public. */
export const TEST_MERCHANT = { key: "key_test_abc123", secret: "secret_test_xyz789" };

export function Credentials() {
  const key = current().merchant.api_key;
  return html`
    <section class="card" data-test-id="api-credentials">
      <h2>API credentials</h2>
      <dl class="facts wide">
        <div>
          <dt>API key</dt>
          <dd><code data-test-id="api-key">${key}</code> <${Copy} text=${key} what="the API key" /></dd>
        </div>
        <div><dt>API secret</dt><dd><${ApiSecret} apiKey=${key} /></dd></div>
      </dl>
    </section>
  `;
}

function ApiSecret({ apiKey }) {
  if (apiKey === TEST_MERCHANT.key) {
    return html`<${Secret} value=${TEST_MERCHANT.secret} what="the API secret" testId="api-secret" />`;
  }
  return html`
    <span><code data-test-id="api-secret">••••••••••••••••</code>
    <span class="faint"> Shown once, at creation. The gateway stores only its hash.</span></span>
  `;
}
