/** The documentation: how to integrate, with this merchant's key and addresses, and the reference of the API. */

import { config } from "../config.js";
import { capture, createOrder, refund, sdk, verificationExamples } from "../guides.js";
import { Code, CodeChoice } from "../parts/code.js";
import { Loaded } from "../parts/states.js";
import { useRequest } from "../request.js";
import { current } from "../session.js";
import { html, useState } from "../ui.js";
import { Reference } from "./reference.js";

export function Docs() {
  const own = { ...config, key: current().merchant.api_key };
  return html`
    <div class="stack" data-test-id="api-docs">
      <h1>Documentation</h1>
      <p class="lead">The examples hold your key and your addresses. Set <code>API_SECRET</code> where you try them.</p>
      <nav class="contents" aria-label="Contents">
        <a href="#create-order">1 Create an order</a><a href="#sdk">2 Let the buyer pay</a><a href="#verify">3 Verify the webhook</a>
        <a href="#settle">4 Capture and refund</a><a href="#reference">API reference</a>
      </nav>
      <section id="create-order" class="card prose" data-test-id="section-create-order">
        <h2>1 Create an order</h2>
        <p>
          From your server, with the amount in minor units: ₹500.00 is <code>50000</code>. The <code>Idempotency-Key</code> makes it
          safe to send again when an answer is lost: the same key gives the same order for 24 hours.
        </p>
        <${Code} text=${createOrder(own)} what="how to create an order" testId="code-snippet-create-order" />
      </section>
      <section id="sdk" class="card prose" data-test-id="section-sdk-integration">
        <h2>2 Let the buyer pay</h2>
        <p>
          The SDK opens the checkout over your page. Its callbacks are for what the buyer sees; what you ship by is the webhook,
          or <code>GET /api/v1/payments/{id}</code>.
        </p>
        <${Code} text=${sdk(own)} what="the SDK in a page" testId="code-snippet-sdk" />
        <p>Without the SDK, send the buyer to <code>${config.checkoutUrl}/checkout?order_id=order_…</code></p>
      </section>
      <section id="verify" class="card prose" data-test-id="section-webhook-verification">
        <h2>3 Verify the webhook</h2>
        <p>
          Anybody can post to your URL; the signature says that it was the gateway. Sign the bytes that came, before any middleware
          parses them, compare in constant time, and answer 2xx within 5 seconds. A webhook may come twice and out of
          order: <code>webhook-id</code> tells them apart, <code>sequence</code> puts them in order.
        </p>
        <${Verification} />
        <p>When it does not verify, the <a href="/dashboard/debugger">signature debugger</a> says why.</p>
      </section>
      <section id="settle" class="card prose">
        <h2>4 Capture and refund</h2>
        <${Code} text=${capture(own)} what="how to capture a payment" />
        <${Code} text=${refund(own)} what="how to refund a part" />
      </section>
      <section id="reference" class="card">
        <h2>API reference</h2>
        <p>Addresses are under <code>${config.apiUrl}</code>. Also as <a href=${`${config.apiUrl}/api/v1/openapi.json`}>OpenAPI 3.1</a>.</p>
        <${Reference} />
      </section>
    </div>
  `;
}

function Verification() {
  const [chosen, choose] = useState(0);
  const request = useRequest(verificationExamples, []);
  const show = (choices) => html`<${CodeChoice} choices=${choices} chosen=${chosen} choose=${choose}
    what="how to verify a webhook" testId="code-snippet-webhook" />`;
  return html`<${Loaded} request=${request} show=${show} rows=${8} />`;
}
