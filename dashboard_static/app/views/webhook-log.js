/** The list of webhook logs, with its filters. */

import { retryWebhook, webhooks } from "../api.js";
import { nameOf } from "../endpoints.js";
import { money } from "../format.js";
import { NoWebhooks } from "../parts/empty-states.js";
import { Choice, Id } from "../parts/filters.js";
import { List } from "../parts/list.js";
import { notify } from "../parts/notice.js";
import { RangeFilter, useRange } from "../parts/range.js";
import { deliveryStatus, Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useAction } from "../request.js";
import { here, useAddress } from "../router.js";
import { html } from "../ui.js";
import { EVENT_CATALOGUE } from "../webhooks/event-catalogue.js";
import { ExportButton } from "./export-dialog.js";

const REFRESH_MS = 3_000;
const EVENTS = EVENT_CATALOGUE.map(({ name }) => name);
const COLUMNS = [
  { title: "Event" },
  { title: "Amount", kind: "number" },
  { title: "Endpoint" },
  { title: "Status" },
  { title: "Attempts", kind: "number attempts" },
  { title: "Last attempt" },
  { title: html`<span class="unseen">Retry</span>` },
];

/** `endpoints` is undefined until they have loaded. */
export function WebhookLog({ endpoints, version }) {
  const { payment, endpoint, event, status } = useAddress().query;
  const { range, problem, bounds } = useRange();
  const filters = { payment_id: payment, endpoint_id: endpoint, event, status, ...bounds };
  const isFiltered = payment || endpoint || event || status || range.from || range.to;
  const names = new Map(endpoints?.map((one) => [one.id, nameOf(one)]));
  return html`
    <h2 class="of-list" id="log">Log</h2>
    <div class="filters">
      <${Choice} name="status" label="Status" options=${["pending", "success", "failed"]} />
      <${Choice} name="event" label="Event" options=${EVENTS} />
      <${Choice} name="endpoint" label="Endpoint" options=${options(names, endpoint)} />
      <${RangeFilter} />
      <${Id} key=${payment} name="payment" label="Payment" prefix="pay_" />
      ${isFiltered && html`<a class="button" href="/dashboard/webhooks">Clear</a>`}
      <${ExportButton} kind="events" range=${range} />
    </div>
    ${!problem && html`<section class="card list log">
      <${List} load=${webhooks} filters=${filters} version=${version} columns=${COLUMNS}
        row=${(log, reload) => html`<${Row} key=${log.id} log=${log} names=${names} reload=${reload} />`} label="Webhook log"
        testId="webhook-logs-table" everyMs=${REFRESH_MS}
        empty=${html`<${NoWebhooks} isFiltered=${isFiltered} endpoints=${endpoints} />`} />
    </section>`}
  `;
}

/** The endpoints of the filter. The chosen one is included if it was deleted. */
function options(names, chosen) {
  const known = [...names];
  return chosen && !names.has(chosen) ? [...known, [chosen, chosen]] : known;
}

function Row({ log, names, reload }) {
  const { run, isBusy } = useAction();
  const retry = async () => {
    const done = await run(() => retryWebhook(log.id));
    notify(done ? done.message : "The retry could not be scheduled");
    reload();
  };
  return html`
    <tr class=${`opens ${log.retrying ? "retrying" : ""}`} data-test-id="webhook-log-item" data-webhook-id=${log.id}>
      <td>
        <a href=${here({ log: log.id })} data-test-id="webhook-event">${log.event}</a>
        ${log.payment_id && html`<small><code data-test-id="webhook-payment">${log.payment_id}</code></small>`}
      </td>
      <td class="number" data-test-id="webhook-amount">${log.amount === null ? "–" : money(log.amount, log.currency)}</td>
      <td class="ellipsis" title=${names.get(log.endpoint_id)} data-test-id="webhook-endpoint-name">
        ${names.get(log.endpoint_id) ?? log.endpoint_id}
      </td>
      <td>
        <${Status} of=${deliveryStatus(log)} data-test-id="webhook-status" />
        ${log.retrying &&
        html`<small class="next" data-test-id="webhook-next-attempt">Next attempt <${When} at=${log.next_retry_at} exact /></small>`}
      </td>
      <td class="number attempts" data-label="Attempts" data-test-id="webhook-attempts">${log.attempts}</td>
      <td class="outcome">
        <${Outcome} log=${log} />
        ${log.last_attempt_at && html`<small><${When} at=${log.last_attempt_at} exact data-test-id="webhook-last-attempt" /></small>`}
      </td>
      <td class="number">
        <button type="button" class="button small above" data-test-id="retry-webhook-button" data-webhook-id=${log.id}
          aria-label=${`Retry ${log.event}`} aria-disabled=${isBusy} onClick=${retry}>Retry</button>
      </td>
    </tr>
  `;
}

/** The response code of the last attempt, or the reason for which there is none. */
function Outcome({ log }) {
  const hasFailed = log.retrying || log.status === "failed";
  const code = html`<span data-test-id="webhook-response-code">${log.response_code ?? "–"}</span>`;
  if (!hasFailed) return code;
  return html`
    <span class="bad-text" data-test-id="webhook-failure">
      ${(log.response_code !== null || !log.error) && html`HTTP ${code}`} ${log.error}
    </span>
  `;
}
