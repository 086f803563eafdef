/** Refunds a payment: amount and reason, then a confirmation. */

import { refund } from "../api.js";
import { newKey } from "../idempotency.js";
import { minorUnits, money, paidWith, typedAmount } from "../format.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { useAction } from "../request.js";
import { html, useState } from "../ui.js";

export function RefundDialog({ payment, close }) {
  const refundable = payment.amount - payment.amount_refunded;
  const [wanted, setWanted] = useState({ text: typedAmount(refundable, payment.currency), reason: "" });
  const [asked, setAsked] = useState(null); // the refund to confirm, with its idempotency key

  const review = (amount) =>
    setAsked({ amount, reason: wanted.reason.trim() || undefined, key: newKey() });
  return asked
    ? html`<${Review} payment=${payment} asked=${asked} back=${() => setAsked(null)} close=${close} />`
    : html`<${Form} payment=${payment} refundable=${refundable} wanted=${wanted} setWanted=${setWanted} review=${review} close=${close} />`;
}

function Form({ payment, refundable, wanted, setWanted, review, close }) {
  const [error, setError] = useState(null);
  const most = money(refundable, payment.currency);
  const submit = (event) => {
    event.preventDefault();
    const amount = minorUnits(wanted.text, payment.currency);
    if (!amount) setError(`Enter an amount, such as ${typedAmount(refundable, payment.currency)}`);
    else if (amount > refundable) setError(`At most ${most} can be refunded`);
    else review(amount);
  };
  return html`
    <${Dialog} key="form" title="Refund" close=${close}>
      <form onSubmit=${submit} noValidate>
        <${Field} id="refund-amount" label=${`Amount in ${payment.currency}`} inputmode="decimal" autocomplete="off"
          data-test-id="refund-amount-input" hint=${`${most} can be refunded.`} error=${error} value=${wanted.text}
          onInput=${(event) => setWanted({ ...wanted, text: event.target.value })} />
        <${Field} id="refund-reason" label="Reason (optional)" maxlength="255" autocomplete="off" value=${wanted.reason}
          data-test-id="refund-reason-input" onInput=${(event) => setWanted({ ...wanted, reason: event.target.value })} />
        <div class="actions">
          <button type="button" class="button" onClick=${close}>Cancel</button>
          <button class="button primary" data-test-id="review-refund-button">Continue</button>
        </div>
      </form>
    <//>
  `;
}

function Review({ payment, asked, back, close }) {
  const { run, isBusy, error } = useAction();
  const amount = money(asked.amount, payment.currency);
  const { key, ...body } = asked;
  const confirm = async () => {
    if (!(await run(() => refund(payment.id, body, key)))) return;
    notify(`Refund of ${amount} created`);
    close();
  };
  return html`
    <${Dialog} key="review" title=${`Refund ${amount}?`} close=${close}>
      <p>The amount is refunded to ${payment.vpa || payment.card_last4 ? paidWith(payment) : "the buyer's account"}. This cannot be undone.</p>
      ${asked.reason && html`<p class="faint">Reason: ${asked.reason}</p>`}
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${back}>Back</button>
        <button type="button" class="button danger" data-test-id="confirm-refund-button" aria-disabled=${isBusy} onClick=${confirm}>
          ${isBusy ? "Refunding…" : `Refund ${amount}`}
        </button>
      </div>
    <//>
  `;
}
