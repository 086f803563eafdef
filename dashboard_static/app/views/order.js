/** One order: its details and notes, its payments with their refunds, and its sums. */

import { count, money, paidWith } from "../format.js";
import { checkoutLink, paymentLink } from "../links.js";
import { loadOrder } from "../order-payments.js";
import { Copy } from "../parts/copy.js";
import { Facts } from "../parts/facts.js";
import { Table } from "../parts/list.js";
import { PrintButton, PrintHead } from "../parts/print.js";
import { Empty, Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useRequest } from "../request.js";
import { here } from "../router.js";
import { html } from "../ui.js";

const REFRESH_MS = 5_000;
const COLUMNS = [
  { title: "Payment" },
  { title: "Amount", kind: "number" },
  { title: "Method" },
  { title: "Status" },
  { title: "Created" },
];

export function OrderView({ id }) {
  const request = useRequest((signal) => loadOrder(id, signal), [id], { everyMs: REFRESH_MS });
  return html`
    <div class="stack printable">
      <${PrintHead} id=${id} />
      <p class="back"><a href=${here({ order: undefined })}>← Orders</a></p>
      <h1>Order</h1>
      <${Loaded} request=${request} rows=${8} show=${(story) => html`<${Story} ...${story} />`} />
    </div>
  `;
}

function Story({ order, payments, sums }) {
  const notes = Object.entries(order.notes);
  return html`
    <div class="stack">
      <section class="card" aria-label="Order" data-test-id="order-detail" data-order-id=${order.id}>
        <div class="payment-head">
          <p class="payment-amount">${money(order.amount, order.currency)}</p>
          <${Status} of=${order.status} data-test-id="order-status" />
          <div class="actions"><${PrintButton} /></div>
        </div>
        <${Facts} of=${facts(order)} />
      </section>
      <section class="card" data-test-id="order-sums">
        <h2>Sums</h2>
        <${Facts} of=${["Paid", "Refunded", "Net"].map((name) => [name, money(sums[name.toLowerCase()], order.currency)])} />
        <p class="hint">Payments that succeeded and were not voided. Pending refunds count as refunded.</p>
      </section>
      <section class="card list" data-test-id="order-payments">
        <h2>Payments</h2>
        ${payments.length
          ? html`<${Table} columns=${COLUMNS} label="Payments of the order" testId="order-payments-table">${payments.flatMap(rows)}<//>`
          : html`<${Empty} title="No payment yet">A payment appears here when the buyer tries to pay.<//>`}
      </section>
      ${notes.length > 0 && html`<${Notes} notes=${notes} />`}
    </div>
  `;
}

function facts(order) {
  const checkout = checkoutLink(order.id);
  return [
    ["Order", html`<code>${order.id}</code> <${Copy} text=${order.id} what="the order's id" />`],
    ["Receipt", order.receipt && html`<span data-test-id="order-receipt">${order.receipt}</span>`],
    ["Created", html`<${When} at=${order.created_at} exact />`],
    ["Expires", order.expires_at && html`<${When} at=${order.expires_at} exact />`],
    ["Payments", order.pay_once ? "one at a time, and none after the first success" : "several are possible"],
    ["Attempts", order.attempts !== null && count(order.attempts)],
    ["Paid by", order.paid_payment_id && html`<a href=${paymentLink(order.paid_payment_id)}><code>${order.paid_payment_id}</code></a>`],
    ["Checkout", order.status === "created" && html`<code data-test-id="checkout-link">${checkout}</code> <${Copy} text=${checkout} what="the checkout link" />`],
  ];
}

/** The row of a payment, followed by those of its refunds. */
function rows({ payment, refunds }) {
  return [
    html`
      <tr key=${payment.id} data-test-id="order-payment" data-payment-id=${payment.id}>
        <td><a href=${paymentLink(payment.id)}><code>${payment.id}</code></a></td>
        <td class="number">${money(payment.amount, payment.currency)}</td>
        <td class="cut"><span class="method">${payment.method}</span> <span class="faint">${paidWith(payment)}</span></td>
        <td><${Status} of=${payment.display_status} /></td>
        <td class="wraps"><${When} at=${payment.created_at} /></td>
      </tr>
    `,
    ...refunds.map(
      (refund) => html`
        <tr key=${refund.id} class="of-payment" data-test-id="order-refund" data-refund-id=${refund.id}>
          <td><span class="faint">Refund</span> <code>${refund.id}</code></td>
          <td class="number">−${money(refund.amount, payment.currency)}</td>
          <td class="cut" title=${refund.reason}>${refund.reason ?? "–"}</td>
          <td><${Status} of=${refund.status} /></td>
          <td class="wraps"><${When} at=${refund.created_at} /></td>
        </tr>
      `,
    ),
  ];
}

/** Texts are shown as they are; other values as formatted JSON. */
function Notes({ notes }) {
  return html`
    <section class="card" data-test-id="order-notes">
      <h2>Notes</h2>
      <table class="notes">
        <caption class="unseen">Notes of the order</caption>
        <tbody>
          ${notes.map(
            ([name, value]) => html`
              <tr key=${name}>
                <th scope="row">${name}</th>
                <td>${typeof value === "string" ? value : html`<pre>${JSON.stringify(value, null, 2)}</pre>`}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}
