/** The merchant's API credentials and how to use them. */

import { config } from "../config.js";
import { Code } from "../parts/code.js";
import { Credentials } from "../parts/credentials.js";
import { current } from "../session.js";
import { html } from "../ui.js";
import { ApiSecret } from "./api-secret.js";
import { createOrder } from "../guides.js";

export function Keys() {
  const { merchant } = current();
  return html`
    <div class="stack">
      <h1>API keys</h1>
      <${Credentials} />
      <${ApiSecret} />
      <section class="card prose">
        <h2>How to use them</h2>
        <p>
          Every request of your server has both, in <code>X-Api-Key</code> and <code>X-Api-Secret</code>. The key is public: the
          checkout contains it. Keep the secret on your server only: it allows refunds of your payments.
        </p>
        <${Code} text=${createOrder({ apiUrl: config.apiUrl, key: merchant.api_key })} what="a first request" />
        <p>Every request with the key is in <a href="/dashboard/requests">API requests</a>, with its status and error code.</p>
        <p class="faint">Merchant <code>${merchant.id}</code></p>
      </section>
    </div>
  `;
}
