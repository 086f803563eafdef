/** The webhook configuration and the list of logs. */

import { retryWebhook, webhooks } from "../api.js";
import { Choice } from "../parts/filters.js";
import { List } from "../parts/list.js";
import { notify } from "../parts/notice.js";
import { Empty } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useAction } from "../request.js";
import { here, useAddress } from "../router.js";
import { html, useState } from "../ui.js";
import { WebhookConfig } from "./webhook-config.js";
import { WebhookView } from "./webhook.js";

const REFRESH_MS = 3_000;
const EVENTS = [
  "payment.created", "payment.pending", "payment.success", "payment.failed", "payment.captured",
  "refund.created", "refund.processed", "refund.failed", "webhook.test",
]; // prettier-ignore
const COLUMNS = [
  { title: "Event" },
  { title: "Status" },
  { title: "Attempts", kind: "number" },
  { title: "Last attempt", kind: "wide-only" },
  { title: "Response", kind: "number" },
  { title: html`<span class="unseen">Retry</span>` },
];

export function Webhooks() {
  const { query } = useAddress();
  return query.log ? html`<${WebhookView} key=${query.log} id=${query.log} />` : html`<${All} />`;
}

function All() {
  const { status, event } = useAddress().query;
  const [version, setVersion] = useState(0); // incremented to reload the list after a test
  return html`
    <div class="stack">
      <h1>Webhooks</h1>
      <${WebhookConfig} onTested=${() => setVersion((now) => now + 1)} />
      <h2 class="of-list">Log</h2>
      <div class="filters">
        <${Choice} name="status" label="Status" options=${["pending", "success", "failed"]} />
        <${Choice} name="event" label="Event" options=${EVENTS} />
      </div>
      <section class="card list">
        <${List} load=${webhooks} filters=${{ status, event }} version=${version} columns=${COLUMNS}
          row=${(log, reload) => html`<${Row} key=${log.id} log=${log} reload=${reload} />`} label="Webhook log"
          testId="webhook-logs-table" everyMs=${REFRESH_MS}
          empty=${html`<${Empty} title=${status || event ? "No matching webhooks" : "No webhook yet"}>
            ${status || event ? "Change or clear the filters." : "Each payment event creates one after you save a URL."}<//>`} />
      </section>
    </div>
  `;
}

function Row({ log, reload }) {
  const { run, isBusy } = useAction();
  const retry = async () => {
    const done = await run(() => retryWebhook(log.id));
    notify(done ? done.message : "The retry could not be scheduled");
    reload();
  };
  return html`
    <tr class="opens" data-test-id="webhook-log-item" data-webhook-id=${log.id}>
      <td><a href=${here({ log: log.id })} data-test-id="webhook-event">${log.event}</a></td>
      <td><${Status} of=${log.status} data-test-id="webhook-status" /></td>
      <td class="number" data-label="Attempts" data-test-id="webhook-attempts">${log.attempts}</td>
      <td class="wide-only"><${When} at=${log.last_attempt_at} exact data-test-id="webhook-last-attempt" /></td>
      <td class="number" data-label="Response" data-test-id="webhook-response-code">${log.response_code ?? "–"}</td>
      <td class="number">
        <button type="button" class="button small above" data-test-id="retry-webhook-button" data-webhook-id=${log.id}
          aria-label=${`Retry ${log.event}`} aria-disabled=${isBusy} onClick=${retry}>Retry</button>
      </td>
    </tr>
  `;
}
