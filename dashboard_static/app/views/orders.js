/** The list of orders, and the view of one order. */

import { orders } from "../api.js";
import { count, money } from "../format.js";
import { Text } from "../parts/filters.js";
import { List } from "../parts/list.js";
import { RangeFilter, useRange } from "../parts/range.js";
import { Empty } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { here, useAddress } from "../router.js";
import { html } from "../ui.js";
import { OrderView } from "./order.js";

const REFRESH_MS = 5_000;
const COLUMNS = [
  { title: "Order" },
  { title: "Receipt", kind: "fills" },
  { title: "Amount", kind: "number" },
  { title: "Status" },
  { title: "Attempts", kind: "number" },
  { title: "Created" },
];

export function Orders() {
  const { query } = useAddress();
  return query.order ? html`<${OrderView} key=${query.order} id=${query.order} />` : html`<${All} />`;
}

function All() {
  const { receipt } = useAddress().query;
  const { range, problem, bounds } = useRange();
  const isFiltered = receipt || range.from || range.to;
  return html`
    <div class="stack">
      <h1>Orders</h1>
      <div class="filters">
        <${Text} name="receipt" label="Receipt" />
        <${RangeFilter} />
        ${isFiltered && html`<a class="button" href="/dashboard/orders">Clear</a>`}
      </div>
      ${!problem && html`<section class="card list">
        <${List} load=${orders} filters=${{ receipt, ...bounds }} columns=${COLUMNS} row=${Row} label="Orders"
          testId="orders-table" everyMs=${REFRESH_MS}
          empty=${isFiltered
            ? html`<${Empty} title="No matching orders">Change or clear the filters. The receipt must match exactly.<//>`
            : html`<${Empty} title="No order yet">The <a href="/dashboard/docs">documentation</a> shows how to create one.<//>`} />
      </section>`}
    </div>
  `;
}

function Row(order) {
  return html`
    <tr key=${order.id} class="opens" data-test-id="order-row" data-order-id=${order.id}>
      <td><a href=${here({ order: order.id })}><code>${order.id}</code></a></td>
      <td class="fills" title=${order.receipt}>${order.receipt ?? "–"}</td>
      <td class="number">${money(order.amount, order.currency)}</td>
      <td><${Status} of=${order.status} /></td>
      <td class="number" data-label="Attempts">${order.attempts === null ? "–" : count(order.attempts)}</td>
      <td><${When} at=${order.created_at} /></td>
    </tr>
  `;
}
