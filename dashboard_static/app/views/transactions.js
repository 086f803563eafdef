/** The list of payments, and the view of one payment. */

import { payments } from "../api.js";
import { money, paidWith } from "../format.js";
import { Choice, Day } from "../parts/filters.js";
import { NoPayments } from "../parts/empty-states.js";
import { List } from "../parts/list.js";
import { Empty } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { here, link, navigate, useAddress } from "../router.js";
import { dayBounds } from "../times.js";
import { html, useState } from "../ui.js";
import { PaymentView } from "./payment.js";

const REFRESH_MS = 5_000;
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
  const { status, method, day, order } = query;
  const isFiltered = status || method || day || order;
  const filters = { status, method, order_id: order, ...(day && dayBounds(day)) };
  return html`
    <div class="stack">
      <h1>Transactions</h1>
      <div class="filters">
        <${Choice} name="status" label="Status" options=${["pending", "success", "failed"]} />
        <${Choice} name="method" label="Method" options=${["upi", "card"]} />
        <${Day} name="day" label="Day (UTC)" />
        <${FindById} />
        ${isFiltered && html`<a class="button" href="/dashboard/transactions">Clear</a>`}
      </div>
      <section class="card list">
        <${List} load=${payments} filters=${filters} columns=${COLUMNS} row=${Row} label="Payments"
          testId="transactions-table" everyMs=${REFRESH_MS}
          empty=${isFiltered
            ? html`<${Empty} title="No matching payments">Change or clear the filters.<//>`
            : html`<${NoPayments} />`} />
      </section>
    </div>
  `;
}

/** Opens a payment by its id. An order's id shows the payments of that order. */
function FindById() {
  const { query } = useAddress();
  const [text, setText] = useState(query.order ?? "");
  const [error, setError] = useState(null);
  const find = (event) => {
    event.preventDefault();
    const id = text.trim();
    if (id.startsWith("pay_")) navigate(here({ payment: id }), { state: history.state ?? {} });
    else if (id.startsWith("order_")) navigate(link("/dashboard/transactions", { order: id }));
    else setError("An id starts with pay_ or order_");
  };
  return html`
    <form class="filter" role="search" onSubmit=${find}>
      <label for="find">Id</label>
      <span class="joined">
        <input id="find" type="search" placeholder="pay_… or order_…" spellcheck="false" value=${text}
          aria-invalid=${Boolean(error)} aria-describedby=${error ? "find-error" : undefined}
          onInput=${(event) => (setText(event.target.value), setError(null))} />
        <button class="button">Find</button>
      </span>
      ${error && html`<span id="find-error" class="field-error" role="alert">${error}</span>`}
    </form>
  `;
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
      <td><${Status} of=${payment.status} data-test-id="status" /></td>
      <td class="wraps"><${When} at=${payment.created_at} data-test-id="created-at" /></td>
    </tr>
  `;
}
