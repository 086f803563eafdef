/** The list of refunds. */

import { refunds } from "../api.js";
import { Choice } from "../parts/filters.js";
import { NoRefunds } from "../parts/empty-states.js";
import { List } from "../parts/list.js";
import { RangeFilter, useRange } from "../parts/range.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { money } from "../format.js";
import { useAddress } from "../router.js";
import { html } from "../ui.js";
import { ExportButton } from "./export-dialog.js";

const REFRESH_MS = 5_000;
const COLUMNS = [
  { title: "Refund" },
  { title: "Payment", kind: "widest-only" },
  { title: "Amount", kind: "number" },
  { title: "Reason", kind: "wide-only fills" },
  { title: "Status" },
  { title: "Created" },
  { title: "Processed", kind: "roomy-only" },
];

export function Refunds() {
  const { status } = useAddress().query;
  const { range, problem, bounds } = useRange();
  const isFiltered = status || range.from || range.to;
  return html`
    <div class="stack">
      <h1>Refunds</h1>
      <div class="filters">
        <${Choice} name="status" label="Status" options=${["pending", "processed", "failed"]} />
        <${RangeFilter} />
        ${isFiltered && html`<a class="button" href="/dashboard/refunds">Clear</a>`}
        <${ExportButton} kind="refunds" range=${range} />
      </div>
      ${!problem && html`<section class="card list">
        <${List} load=${refunds} filters=${{ status, ...bounds }} columns=${COLUMNS} row=${Row} label="Refunds"
          testId="refunds-table" everyMs=${REFRESH_MS}
          empty=${html`<${NoRefunds} isFiltered=${isFiltered} />`} />
      </section>`}
    </div>
  `;
}

function Row(refund) {
  return html`
    <tr key=${refund.id} class="opens" data-test-id="refund-row" data-refund-id=${refund.id}>
      <td><a href="/dashboard/transactions?payment=${refund.payment_id}"><code>${refund.id}</code></a></td>
      <td class="widest-only"><code>${refund.payment_id}</code></td>
      <td class="number">${money(refund.amount, refund.currency)}</td>
      <td class="wide-only fills" title=${refund.reason}>${refund.reason ?? "–"}</td>
      <td><${Status} of=${refund.status} /></td>
      <td class="wraps"><${When} at=${refund.created_at} /></td>
      <td class="wraps roomy-only"><${When} at=${refund.processed_at} /></td>
    </tr>
  `;
}
