/** One payment: its details, timeline and actions. */

import { money, paidWith } from "../format.js";
import { orderLink } from "../links.js";
import { Copy } from "../parts/copy.js";
import { Facts } from "../parts/facts.js";
import { Table } from "../parts/list.js";
import { PrintButton, PrintHead } from "../parts/print.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useRequest } from "../request.js";
import { here } from "../router.js";
import { loadStory } from "../story.js";
import { html, useLayoutEffect, useRef, useState } from "../ui.js";
import { CaptureDialog } from "./capture-dialog.js";
import { RefundDialog } from "./refund-dialog.js";
import { Timeline } from "./timeline.js";

const REFRESH_MS = 3_000;
const REFUND_COLUMNS = [{ title: "Refund" }, { title: "Amount", kind: "number" }, { title: "Reason" }, { title: "Status" }, { title: "Created" }];
const ACTIONS = { redirect: "the buyer, at the bank's page", upi: "the buyer, in a UPI app" };
const AUTHENTICATIONS = {
  authenticated: "authenticated",
  attempted: "attempted: the issuer does not support it",
  not_required: "not required",
  failed: "failed",
};

export function PaymentView({ id }) {
  const seen = useRef(new Map());
  const request = useRequest((signal) => loadStory(id, seen.current, signal), [id], { everyMs: REFRESH_MS });
  return html`
    <div class="stack printable">
      <${PrintHead} id=${id} />
      <p class="back"><a href=${here({ payment: undefined })}>← Transactions</a></p>
      <h1>Payment</h1>
      <${Loaded} request=${request} rows=${8} show=${(story) => html`<${Story} ...${story} reload=${request.reload} />`} />
    </div>
  `;
}

function Story({ payment, receipt, refunds, steps, reload }) {
  const [open, setOpen] = useState(null);
  const card = useRef(null);
  const hasAsked = useRef(false);
  const close = () => {
    setOpen(null);
    hasAsked.current = true;
    reload();
  };
  const refundable = payment.amount - payment.amount_refunded;
  const hasSucceeded = payment.status === "success" && !payment.voided_at;
  const isReserved = hasSucceeded && payment.capture_before && !payment.captured;
  useLayoutEffect(() => {
    // The button that had the focus may have been removed.
    if (hasAsked.current && document.activeElement === document.body) card.current.focus({ preventScroll: true });
  }, [payment.captured, refundable, open]);
  return html`
    <div class="stack">
      <section class="card payment" ref=${card} tabindex="-1" aria-label="Payment" data-test-id="payment-detail" data-payment-id=${payment.id}>
        <div class="payment-head">
          <p class="payment-amount">${money(payment.amount, payment.currency)}</p>
          <${Status} of=${payment.display_status} data-test-id="payment-status" />
          <div class="actions">
            ${hasSucceeded && !payment.captured &&
            html`<button type="button" class="button primary" data-test-id="capture-button" onClick=${() => setOpen("capture")}>Capture</button>`}
            ${hasSucceeded && !isReserved && refundable > 0 &&
            html`<button type="button" class="button" data-test-id="refund-button" onClick=${() => setOpen("refund")}>Refund</button>`}
            <${PrintButton} />
          </div>
        </div>
        <${Facts} of=${facts(payment, refundable, receipt)} />
      </section>
      ${refunds.length > 0 && html`<${Refunds} payment=${payment} refunds=${refunds} />`}
      <section class="card screen-only">
        <h2>Timeline</h2>
        <${Timeline} steps=${steps} payment=${payment} />
      </section>
      ${open === "capture" && html`<${CaptureDialog} payment=${payment} close=${close} />`}
      ${open === "refund" && html`<${RefundDialog} payment=${payment} close=${close} />`}
    </div>
  `;
}

/** On paper, instead of the timeline, which shows webhooks too. */
function Refunds({ payment, refunds }) {
  const shown = (amount) => money(amount, payment.currency);
  const paid = payment.voided_at ? 0 : payment.amount;
  return html`
    <section class="card list print-only" data-test-id="printed-refunds">
      <h2>Refunds</h2>
      <${Table} columns=${REFUND_COLUMNS} label="Refunds of the payment">
        ${refunds.map(
          (refund) => html`
            <tr key=${refund.id}>
              <td><code>${refund.id}</code></td>
              <td class="number">${shown(refund.amount)}</td>
              <td>${refund.reason ?? "–"}</td>
              <td><${Status} of=${refund.status} /></td>
              <td><${When} at=${refund.created_at} /></td>
            </tr>
          `,
        )}
      <//>
      <${Facts} of=${[["Paid", shown(paid)], ["Refunded", shown(payment.amount_refunded)], ["Net", shown(paid - payment.amount_refunded)]]} />
    </section>
  `;
}

function facts(payment, refundable, receipt) {
  const shown = (amount) => money(amount, payment.currency);
  return [
    ["Payment", html`<code>${payment.id}</code> <${Copy} text=${payment.id} what="the payment's id" />`],
    ["Order", html`<a href=${orderLink(payment.order_id)}><code>${payment.order_id}</code></a>`],
    ["Receipt", receipt && html`<span data-test-id="receipt">${receipt}</span>`],
    ["Paid with", html`<span class="method">${payment.method}</span> ${paidWith(payment)}`],
    ["Created", html`<${When} at=${payment.created_at} exact />`],
    ["Capture before", payment.capture_before && html`<${When} at=${payment.capture_before} exact />`],
    ["Refunded", payment.amount_refunded > 0 && shown(payment.amount_refunded)],
    ["Refundable", payment.status === "success" && !payment.voided_at && html`<span data-test-id="refundable-amount">${shown(refundable)}</span>`],
    ["Waiting for", payment.next_action && html`${ACTIONS[payment.next_action.type]}, until <${When} at=${payment.next_action.expires_at} exact />`],
    ["3-D Secure", payment.authentication && AUTHENTICATIONS[payment.authentication.result]],
    ["Acquirer", payment.acquirer_reference && html`${payment.acquirer} <code>${payment.acquirer_reference}</code>`],
    ["Error", payment.error_code && html`<code>${payment.decline_code ?? payment.error_code}</code> ${payment.error_description}`],
  ];
}
