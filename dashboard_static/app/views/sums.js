/** Sums of the payments of a range, per currency, above the list of transactions. */

import { summary } from "../api.js";
import { count, money } from "../format.js";
import { Problem } from "../parts/states.js";
import { whyWaiting } from "../patience.js";
import { useStoppable } from "../stoppable.js";
import { addAll, NOTHING } from "../sums.js";
import { dateTime, dayOf } from "../times.js";
import { html, useEffect } from "../ui.js";

const COLUMNS = ["Currency", "Payments", "Gross", "Refunded", "Net"];

/** The sums are added automatically if there is a range. `bounds` are its instants; use them as `key`. */
export function Sums({ bounds }) {
  const hasRange = Boolean(bounds.from || bounds.to);
  const load = (signal) => (cursor) => summary({ ...bounds, cursor }, signal);
  const adding = useStoppable(NOTHING, (from, given) => addAll(from, { load: load(given.signal), ...given }));
  const { value: sums, isBusy, error, wait, start, stop } = adding;
  useEffect(() => {
    if (hasRange) start(NOTHING);
    return stop;
  }, []);
  const hasStarted = isBusy || sums !== NOTHING || error;
  if (!hasStarted) {
    return html`
      <section class="sums-start" data-test-id="sums">
        <button type="button" class="button" data-test-id="add-sums-button" onClick=${() => start(NOTHING)}>Add up ${hasRange ? "these" : "all"} payments</button>
        ${!hasRange && html`<span class="faint">A period is added up automatically.</span>`}
      </section>
    `;
  }
  return html`
    <section class="card sums" data-test-id="sums" aria-busy=${isBusy}>
      <div class="section-head">
        <h2>Sums</h2>
        <span class="faint" role="status" data-test-id="sums-progress">${wait ? whyWaiting(wait) : words(adding)}</span>
        ${isBusy
          ? html`<button type="button" class="button small" data-test-id="stop-sums-button" onClick=${stop}>Stop</button>`
          : html`
              ${!sums.isDone && html`<button type="button" class="button small" onClick=${() => start(sums)}>Continue</button>`}
              ${sums.isDone && html`<button type="button" class="button small" data-test-id="refresh-sums-button" onClick=${() => start(NOTHING)}>Refresh</button>`}
            `}
      </div>
      ${error && html`<${Problem} error=${error} />`}
      ${sums.data.length > 0 && html`<${Lines} lines=${sums.data} />`}
      <p class="hint">
        Payments ${hasRange ? "created in this period" : "of all time"} that succeeded and were not voided. Pending refunds count as
        refunded. The other filters of the list do not apply.
      </p>
    </section>
  `;
}

function Lines({ lines }) {
  return html`
    <div class="table-frame" tabindex="0" role="region" aria-label="Sums per currency">
      <table data-test-id="sums-table">
        <thead><tr>${COLUMNS.map((title, index) => html`<th scope="col" class=${index ? "number" : ""}>${title}</th>`)}</tr></thead>
        <tbody>
          ${lines.map(
            ({ currency, payments, gross, refunded, net }) => html`
              <tr key=${currency} data-currency=${currency}>
                <th scope="row">${currency}</th>
                ${[count(payments), ...[gross, refunded, net].map((amount) => money(amount, currency))].map(
                  (text, index) => html`<td class="number" data-label=${COLUMNS[index + 1]}>${text}</td>`,
                )}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function words({ value: { rows, until, isDone, data }, isBusy, at }) {
  const read = `${count(rows)} ${rows === 1 ? "payment" : "payments"} read${until ? `, back to ${dayOf(until)}` : ""}`;
  if (isDone) return data.length ? `As of ${dateTime(at)}` : "No successful payments";
  if (isBusy) return rows ? `${read} …` : "Adding …";
  return `${read}, then stopped: these sums are incomplete`;
}
