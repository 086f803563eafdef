/** The documentation: integration steps with this merchant's key and addresses, and the API reference. */

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
      <p class="lead">The examples contain your key and your addresses. Set <code>API_SECRET</code> in your shell before you run them.</p>
      <nav class="contents" aria-label="Contents">
        <a href="#create-order">1 Create an order</a><a href="#sdk">2 Open the checkout</a><a href="#verify">3 Verify the webhook</a>
        <a href="#settle">4 Capture and refund</a><a href="#reference">API reference</a>
      </nav>
      <section id="create-order" class="card prose" data-test-id="section-create-order">
        <h2>1 Create an order</h2>
        <p>
          Create the order on your server, with the amount in minor units: ₹500.00 is <code>50000</code>. The <code>Idempotency-Key</code>
          makes retries safe: for 24 hours, the same key returns the same order.
        </p>
        <${Code} text=${createOrder(own)} what="how to create an order" testId="code-snippet-create-order" />
      </section>
      <section id="sdk" class="card prose" data-test-id="section-sdk-integration">
        <h2>2 Open the checkout</h2>
        <p>
          The SDK opens the checkout in a dialog on your page. Use its callbacks only for what the buyer sees. Ship after a webhook or
          <code>GET /api/v1/payments/{id}</code>.
        </p>
        <${Code} text=${sdk(own)} what="the SDK in a page" testId="code-snippet-sdk" />
        <p>Without the SDK, send the buyer to <code>${config.checkoutUrl}/checkout?order_id=order_…</code></p>
      </section>
      <section id="verify" class="card prose" data-test-id="section-webhook-verification">
        <h2>3 Verify the webhook</h2>
        <p>
          Anyone can send requests to your URL; the signature proves that the gateway sent them. Verify the raw bytes before any
          middleware parses them, compare in constant time, and respond with 2xx within 5 seconds. Webhooks can be duplicated and out
          of order: <code>webhook-id</code> identifies duplicates, <code>sequence</code> is the order.
        </p>
        <${Verification} />
        <p>If verification fails, use the <a href="/dashboard/debugger">signature debugger</a>.</p>
      </section>
      <section id="settle" class="card prose">
        <h2>4 Capture and refund</h2>
        <${Code} text=${capture(own)} what="how to capture a payment" />
        <${Code} text=${refund(own)} what="how to refund a part" />
      </section>
      <section id="reference" class="card">
        <h2>API reference</h2>
        <p>The base URL is <code>${config.apiUrl}</code>. The reference is also available as <a href=${`${config.apiUrl}/api/v1/openapi.json`}>OpenAPI 3.1</a>.</p>
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
