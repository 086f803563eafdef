/** The list of refunds. */

import { refunds } from "../api.js";
import { withCurrency } from "../currency.js";
import { Choice } from "../parts/filters.js";
import { NoRefunds } from "../parts/empty-states.js";
import { List } from "../parts/list.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { money } from "../format.js";
import { useAddress } from "../router.js";
import { html } from "../ui.js";

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
  return html`
    <div class="stack">
      <h1>Refunds</h1>
      <div class="filters"><${Choice} name="status" label="Status" options=${["pending", "processed", "failed"]} /></div>
      <section class="card list">
        <${List} load=${load} filters=${{ status }} columns=${COLUMNS} row=${Row} label="Refunds"
          testId="refunds-table" everyMs=${REFRESH_MS}
          empty=${html`<${NoRefunds} isFiltered=${status} />`} />
      </section>
    </div>
  `;
}

async function load(query, signal) {
  const page = await refunds(query, signal);
  return { ...page, data: await withCurrency(page.data) };
}

function Row(refund) {
  return html`
    <tr key=${refund.id} class="opens" data-test-id="refund-row" data-refund-id=${refund.id}>
      <td><a href="/dashboard/transactions?payment=${refund.payment_id}"><code>${refund.id}</code></a></td>
      <td class="widest-only"><code>${refund.payment_id}</code></td>
      <td class="number">${money(refund.amount, refund.currency)}</td>
      <td class="wide-only fills" title=${refund.reason}>${refund.reason ?? "–"}</td>
      <td><${Status} of=${refund.status} /></td>
      <td><${When} at=${refund.created_at} /></td>
      <td class="roomy-only"><${When} at=${refund.processed_at} /></td>
    </tr>
  `;
}
