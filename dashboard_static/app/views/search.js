/** The search: what the text can mean, and the matches of each meaning. */

import { oneRefund, order, orders, payment, payments, stats } from "../api.js";
import { money, paidWith } from "../format.js";
import { orderLink, paymentLink } from "../links.js";
import { findMore, NONE, WANTED } from "../matches.js";
import { Table } from "../parts/list.js";
import { Empty, Loaded, Problem } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { whyWaiting } from "../patience.js";
import { useRequest } from "../request.js";
import { navigate, useAddress } from "../router.js";
import { amountSearches, shortened, understand } from "../search-text.js";
import { useStoppable } from "../stoppable.js";
import { dayOf } from "../times.js";
import { html, useEffect } from "../ui.js";

const USUAL_CURRENCY = "INR"; // of a merchant without volume
const KINDS = {
  payments: {
    load: payments,
    row: PaymentRow,
    columns: [{ title: "Payment" }, { title: "Order", kind: "roomy-only" }, { title: "Amount", kind: "number" }, { title: "Method" }, { title: "Status" }, { title: "Created" }],
  },
  orders: {
    load: orders,
    row: OrderRow,
    columns: [{ title: "Order" }, { title: "Receipt", kind: "roomy-only" }, { title: "Amount", kind: "number" }, { title: "Status" }, { title: "Created" }],
  },
};
/** Requests an object by its id, and returns its address. */
const OBJECTS = {
  payment: async (id, signal) => paymentLink((await payment(id, signal)).id),
  order: async (id, signal) => orderLink((await order(id, signal)).id),
  refund: async (id, signal) => paymentLink((await oneRefund(id, signal)).payment_id),
};
const EXAMPLES = [
  ["pay_… or order_… or rfnd_…", "an id: opens the payment or order, or the payment of the refund"],
  ["invoice-2026-0042", "the exact receipt of an order"],
  ["asha@okbank", "payments from exactly this VPA"],
  ["1111", "payments with a card that ends with these four digits"],
  ["500, 499.50, ₹500 or 500 USD", "payments of exactly this amount"],
];

export function Search() {
  const text = (useAddress().query.q ?? "").trim();
  return html`
    <div class="stack">
      <h1>Search</h1>
      ${text ? html`<${Found} key=${text} text=${text} />` : html`<${Examples} />`}
    </div>
  `;
}

function Examples() {
  return html`
    <section class="card" data-test-id="search-examples">
      <h2>What you can search for</h2>
      <dl class="facts wide examples">${EXAMPLES.map(([text, meaning]) => html`<div><dt>${text}</dt><dd>${meaning}</dd></div>`)}</dl>
      <p class="hint">Press / on any screen to search.</p>
    </section>
  `;
}

function Found({ text }) {
  const { problem, note, id, searches, amount } = understand(text);
  if (problem) return html`<section class="card"><p class="field-error" role="alert" data-test-id="search-problem">${problem}</p></section>`;
  return html`
    <p data-test-id="searched">Results for “${shortened(text)}”</p>
    ${note && html`<p class="hint" data-test-id="search-note">${note}</p>`}
    ${id
      ? html`<${ById} ...${id} searches=${searches} />`
      : html`
          ${searches.map((search) => html`<${Matches} key=${search.title} ...${search} />`)}
          ${amount && html`<${OfAmount} amount=${amount} />`}
        `}
  `;
}

/** Opens an existing object. Another text of this form can still be a receipt. */
function ById({ kind, id, searches }) {
  const request = useRequest(async (signal) => {
    try {
      return { address: await OBJECTS[kind](id, signal) };
    } catch (error) {
      if (error.status === 404) return { isUnknown: true };
      throw error;
    }
  }, [id]);
  const address = request.data?.address;
  useEffect(() => address && navigate(address, { replace: true }), [address]);
  const show = ({ isUnknown }) => isUnknown && html`
    <div class="stack">
      <section class="card"><${Empty} title=${`No ${kind} has this id`}>Your account has no ${kind} with the id <code>${id}</code>.<//></section>
      ${searches.map((search) => html`<${Matches} key=${search.title} ...${search} />`)}
    </div>
  `;
  return html`<${Loaded} request=${request} rows=${2} show=${show} />`;
}

/** An amount without a currency is searched in the currencies of the merchant's payments. */
function OfAmount({ amount }) {
  const load = async (signal) => (amount.currency ? [] : Object.keys((await stats(1, signal)).totals.volume).sort());
  const show = (used) => amountSearches(amount, used.length ? used : [USUAL_CURRENCY]).map((search) => html`<${Matches} key=${search.title} ...${search} />`);
  return html`<${Loaded} request=${useRequest(load, [])} rows=${2} show=${(used) => html`<div class="stack">${show(used)}</div>`} />`;
}

/** One meaning with its matches, newest first. It is searched automatically until there are enough matches. */
function Matches({ kind, title, filters, accepts }) {
  const { load, row, columns } = KINDS[kind];
  const loadFor = (signal) => (cursor) => load({ ...filters, limit: WANTED, cursor }, signal);
  const searching = useStoppable(NONE, (from, given) => findMore(from, { load: loadFor(given.signal), accepts, ...given }), { isBusy: true });
  const { value: found, isBusy, error, wait, start, stop } = searching;
  useEffect(() => {
    start(NONE);
    return stop;
  }, []);
  return html`
    <section class="card list matches" data-test-id="matches" data-kind=${kind} aria-busy=${isBusy}>
      <div class="section-head">
        <h2>${title}</h2>
        <span class="faint" role="status" data-test-id="search-progress">${wait ? whyWaiting(wait) : words(searching, kind)}</span>
        ${isBusy && html`<button type="button" class="button small" data-test-id="stop-search-button" onClick=${stop}>Stop</button>`}
        ${!isBusy && !found.isDone && html`<button type="button" class="button small" data-test-id="continue-search-button" onClick=${() => start(found)}>Continue</button>`}
      </div>
      ${error && html`<${Problem} error=${error} />`}
      ${found.items.length > 0 && html`<${Table} columns=${columns} label=${title} testId="matches-table">${found.items.map(row)}<//>`}
    </section>
  `;
}

function words({ value: { items, until, isDone }, isBusy }, kind) {
  const one = kind.slice(0, -1);
  const matches = items.length === 1 ? `1 ${one}` : `${items.length} ${kind}`;
  if (isDone) return items.length ? `${matches}, all searched` : `No ${one} found. All ${kind} were searched.`;
  const back = until ? ` Searched back to ${dayOf(until)}` : "";
  if (isBusy) return back ? `${matches} so far.${back} …` : "Searching …";
  return `${matches} so far.${back}`;
}

function PaymentRow(payment) {
  return html`
    <tr key=${payment.id} data-test-id="found-payment" data-payment-id=${payment.id}>
      <td><a href=${paymentLink(payment.id)}><code>${payment.id}</code></a></td>
      <td class="roomy-only"><a href=${orderLink(payment.order_id)}><code>${payment.order_id}</code></a></td>
      <td class="number">${money(payment.amount, payment.currency)}</td>
      <td class="cut"><span class="method">${payment.method}</span> <span class="faint wide-only">${paidWith(payment)}</span></td>
      <td><${Status} of=${payment.display_status} /></td>
      <td class="wraps"><${When} at=${payment.created_at} /></td>
    </tr>
  `;
}

function OrderRow(order) {
  return html`
    <tr key=${order.id} data-test-id="found-order" data-order-id=${order.id}>
      <td><a href=${orderLink(order.id)}><code>${order.id}</code></a></td>
      <td class="roomy-only cut">${order.receipt}</td>
      <td class="number">${money(order.amount, order.currency)}</td>
      <td><${Status} of=${order.status} /></td>
      <td class="wraps"><${When} at=${order.created_at} /></td>
    </tr>
  `;
}
