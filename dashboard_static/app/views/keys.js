/** The merchant's API credentials and how to use them. */

import { config } from "../config.js";
import { Code } from "../parts/code.js";
import { Credentials } from "../parts/credentials.js";
import { current } from "../session.js";
import { html } from "../ui.js";
import { createOrder } from "../guides.js";

export function Keys() {
  const { merchant } = current();
  return html`
    <div class="stack">
      <h1>API keys</h1>
      <${Credentials} />
      <section class="card prose">
        <h2>How to use them</h2>
        <p>
          Every request of your server has both, in <code>X-Api-Key</code> and <code>X-Api-Secret</code>. The key is public: the
          checkout contains it. Keep the secret on your server only: it allows refunds of your payments.
        </p>
        <${Code} text=${createOrder({ apiUrl: config.apiUrl, key: merchant.api_key })} what="a first request" />
        <p>
          If the secret is lost or leaked, ask your gateway operator to replace it. The new secret is shown once. The old secret
          continues to work for a time that the operator sets, so that you can switch without an interruption.
        </p>
        <p class="faint">Merchant <code>${merchant.id}</code></p>
      </section>
    </div>
  `;
}
