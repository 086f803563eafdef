/** What empty lists show: what will appear there, and the next step. */

import { isLive } from "../mode.js";
import { html } from "../ui.js";
import { Empty } from "./states.js";

/** A list refreshes while the samples are created, so their dialog is on a page that stays. */
function SampleDataLink() {
  return !isLive && html`<a class="button" href="/dashboard/start?samples=create" data-test-id="sample-data-link">Create sample data</a>`;
}

export function NoPayments() {
  return html`
    <${Empty} title="No payment yet">Every payment attempt of your buyers appears here, newest first.<//>
    <p class="empty-actions"><a class="button" href="/dashboard/start">${isLive ? "Get started" : "Make a test payment"}</a> <${SampleDataLink} /></p>
  `;
}

export function NoRefunds({ isFiltered }) {
  if (isFiltered) return html`<${Empty} title="No matching refunds">Change or clear the filter.<//>`;
  return html`
    <${Empty} title="No refund yet">Refunds appear here with their state. To make one, open a successful payment and select Refund.<//>
    <p class="empty-actions"><a class="button" href="/dashboard/transactions?status=success">Successful payments</a> <${SampleDataLink} /></p>
  `;
}

/** `endpoints` is undefined until they have loaded. */
export function NoWebhooks({ isFiltered, endpoints }) {
  if (isFiltered) return html`<${Empty} title="No matching webhooks">Change or clear the filters.<//>`;
  const hasUrl = endpoints?.some(({ url }) => url);
  return html`
    <${Empty} title="No webhook yet">
      ${hasUrl
        ? "Each event of a payment or refund appears here, with every delivery attempt. Send a test, or make a test payment."
        : "Each payment event creates one after you save a URL. It is listed with every delivery attempt."}
    <//>
    <p class="empty-actions"><a class="button" href="/dashboard/start">Get started</a></p>
  `;
}

export function NoFurtherEndpoints() {
  return html`<p class="hint">More endpoints appear below the default one. Add one to send some event types to another server.</p>`;
}
