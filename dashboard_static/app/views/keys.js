/** The merchant's keys: where they are, and how to use them. */

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
        <h2>How they are used</h2>
        <p>
          Both go with every request of your server, in <code>X-Api-Key</code> and <code>X-Api-Secret</code>. The key alone may be
          seen by anybody: the checkout carries it. The secret belongs on your server only; whoever has it can refund your payments.
        </p>
        <${Code} text=${createOrder({ apiUrl: config.apiUrl, key: merchant.api_key })} what="a first request" />
        <p>
          A secret that was lost or seen by others is replaced by the gateway's operator. The new one is shown once; the old one goes
          on for as long as the operator grants, so that you can change over without a gap.
        </p>
        <p class="faint">Merchant <code>${merchant.id}</code></p>
      </section>
    </div>
  `;
}
