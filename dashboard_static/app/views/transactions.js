/** The list of payments, and the view of one payment. */

import { payments } from "../api.js";
import { money, paidWith } from "../format.js";
import { Choice } from "../parts/filters.js";
import { NoPayments } from "../parts/empty-states.js";
import { List } from "../parts/list.js";
import { RangeFilter, useRange } from "../parts/range.js";
import { Empty } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { orderLink } from "../links.js";
import { here, useAddress } from "../router.js";
import { html } from "../ui.js";
import { ExportButton } from "./export-dialog.js";
import { PaymentView } from "./payment.js";
import { Sums } from "./sums.js";

const REFRESH_MS = 5_000;
const STATUSES = [
  "pending",
  "failed",
  ["success", "success (all)"],
  ["not_captured", "success, not captured"],
  "captured",
  ["partially_refunded", "partially refunded"],
  "refunded",
  "voided",
];
const COLUMNS = [
  { title: "Payment" },
  { title: "Order", kind: "roomy-only" },
  { title: "Amount", kind: "number" },
  { title: "Method" },
  { title: "Status" },
  { title: "Created" },
];

export function Transactions() {
  const { query } = useAddress();
  return query.payment ? html`<${PaymentView} key=${query.payment} id=${query.payment} />` : html`<${All} />`;
}

function All() {
  const { query } = useAddress();
  const { status, method, order } = query;
  const { range, problem, bounds } = useRange();
  const isFiltered = status || method || order || range.from || range.to;
  const filters = { ...statusFilter(status), method, order_id: order, ...bounds };
  return html`
    <div class="stack">
      <h1>Transactions</h1>
      <div class="filters">
        <${Choice} name="status" label="Status" options=${STATUSES} />
        <${Choice} name="method" label="Method" options=${["upi", "card"]} />
        <${RangeFilter} />
        ${isFiltered && html`<a class="button" href="/dashboard/transactions">Clear</a>`}
        <${ExportButton} kind="payments" range=${range} />
      </div>
      ${order && html`<p data-test-id="order-filter">Payments of the order <a href=${orderLink(order)}><code>${order}</code></a></p>`}
      ${bounds && html`<${Sums} key=${JSON.stringify(bounds)} bounds=${bounds} />`}
      ${!problem && html`<section class="card list">
        <${List} load=${payments} filters=${filters} columns=${COLUMNS} row=${Row} label="Payments"
          testId="transactions-table" everyMs=${REFRESH_MS}
          empty=${isFiltered
            ? html`<${Empty} title="No matching payments">Change or clear the filters.<//>`
            : html`<${NoPayments} />`} />
      </section>`}
    </div>
  `;
}

/** The API's filter of a status. Its `status` is `success` for all payments that succeeded, also after a capture or refund. */
function statusFilter(status) {
  if (["pending", "failed", "success"].includes(status)) return { status };
  return { display_status: status === "not_captured" ? "success" : status };
}

function Row(payment) {
  return html`
    <tr key=${payment.id} class="opens" data-test-id="transaction-row" data-payment-id=${payment.id}>
      <td>
        <a href=${here({ payment: payment.id })}><code data-test-id="payment-id">${payment.id}</code></a>
      </td>
      <td class="roomy-only"><code data-test-id="order-id">${payment.order_id}</code></td>
      <td class="number" data-test-id="amount">${money(payment.amount, payment.currency)}</td>
      <td class="cut">
        <span class="method" data-test-id="method">${payment.method}</span> <span class="faint wide-only">${paidWith(payment)}</span>
      </td>
      <td><${Status} of=${payment.display_status} data-test-id="status" /></td>
      <td class="wraps"><${When} at=${payment.created_at} data-test-id="created-at" /></td>
    </tr>
  `;
}
