/** The webhook endpoints and the list of logs. */

import { loadEndpoints } from "../endpoints.js";
import { useRequest } from "../request.js";
import { useAddress } from "../router.js";
import { html, useState } from "../ui.js";
import { WebhookEndpoints } from "./webhook-endpoints.js";
import { WebhookLog } from "./webhook-log.js";
import { WebhookView } from "./webhook.js";

const REFRESH_MS = 30_000; // health changes slowly, and each endpoint costs the gateway a request

export function Webhooks() {
  const { query } = useAddress();
  return query.log ? html`<${WebhookView} key=${query.log} id=${query.log} />` : html`<${All} />`;
}

function All() {
  const request = useRequest(() => loadEndpoints(), [], { everyMs: REFRESH_MS });
  const [version, setVersion] = useState(0); // incremented to reload the log after a test
  return html`
    <div class="stack">
      <h1>Webhooks</h1>
      <${WebhookEndpoints} request=${request} onTested=${() => setVersion((now) => now + 1)} />
      <${WebhookLog} endpoints=${request.data} version=${version} />
    </div>
  `;
}
