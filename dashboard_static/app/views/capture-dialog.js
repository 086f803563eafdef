/** Captures a payment after a confirmation. */

import { capture } from "../api.js";
import { money } from "../format.js";
import { Dialog } from "../parts/dialog.js";
import { notify } from "../parts/notice.js";
import { useAction } from "../request.js";
import { html } from "../ui.js";

export function CaptureDialog({ payment, close }) {
  const { run, isBusy, error } = useAction();
  const amount = money(payment.amount, payment.currency);
  const confirm = async () => {
    if (!(await run(() => capture(payment.id, payment.amount)))) return;
    notify(`${amount} captured`);
    close();
  };
  return html`
    <${Dialog} title="Capture this payment?" close=${close}>
      <p>${amount} will be captured. A capture cannot be undone. You can refund the payment.</p>
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${close}>Cancel</button>
        <button type="button" class="button primary" data-test-id="confirm-capture-button" aria-disabled=${isBusy} onClick=${confirm}>
          ${isBusy ? "Capturing…" : `Capture ${amount}`}
        </button>
      </div>
    <//>
  `;
}
