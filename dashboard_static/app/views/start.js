/** The steps from a new account to a verified webhook. Their state is derived from endpoints, webhooks and payments. */

import { payments, webhookConfig, webhooks } from "../api.js";
import { loadEndpoints } from "../endpoints.js";
import { isLive } from "../mode.js";
import { Loaded } from "../parts/states.js";
import { useRequest } from "../request.js";
import { here, navigate, useAddress } from "../router.js";
import { html } from "../ui.js";
import { SampleDataDialog } from "./sample-data-dialog.js";
import { PaymentStep, TestEventStep, UrlStep, VerifiedStep } from "./start-steps.js";

const REFRESH_MS = 10_000;
const ACCEPTED = 100; // the latest accepted webhooks, among which a payment.success counts

export function Start() {
  const request = useRequest(progress, [], { everyMs: REFRESH_MS });
  const show = (state) => html`<${Steps} state=${state} reload=${request.reload} />`;
  return html`
    <div class="stack" data-test-id="start">
      <h1>Get started</h1>
      <p class="under-title">${isLive ? "Three steps to your first webhook." : "Four steps to a verified webhook, in any order. You can repeat each of them."}</p>
      <${Loaded} request=${request} show=${show} rows=${8} />
      ${!isLive && html`<${Samples} />`}
    </div>
  `;
}

/** `endpoint` is the one that the steps use: the default one, or another one if only that has a URL. */
async function progress(signal) {
  const [config, endpoints, accepted, paid] = await Promise.all([
    webhookConfig(signal),
    loadEndpoints(),
    webhooks({ status: "success", limit: ACCEPTED }, signal),
    payments({ status: "success", limit: 1 }, signal),
  ]);
  const endpoint = endpoints.find(({ url }) => url);
  return {
    config,
    endpoint,
    isAccepted: accepted.data.length > 0,
    successLog: accepted.data.find(({ event }) => event === "payment.success"),
    paid: paid.data[0],
  };
}

function Steps({ state, reload }) {
  const step = { state, reload };
  return html`
    <ol class="tasks">
      <${UrlStep} ...${step} />
      <${TestEventStep} ...${step} />
      ${!isLive && html`<${PaymentStep} ...${step} />`}
      <${VerifiedStep} ...${step} />
    </ol>
    ${isLive && html`<p class="hint">Test payments and the checks of your receiver are available only in test mode.</p>`}
  `;
}

/** The open dialog is part of the address, so that other views can link to it. */
function Samples() {
  const { samples } = useAddress().query;
  const close = () => navigate(here({ samples: undefined }), { replace: true });
  return html`
    <section class="card">
      <h2>Explore with sample data</h2>
      <p>Fill your test account with a dozen payments: paid, declined, pending, captured and refunded.</p>
      <div class="actions start"><a class="button" href=${here({ samples: "create" })} data-test-id="sample-data-link">Create sample data</a></div>
      ${samples && html`<${SampleDataDialog} close=${close} />`}
    </section>
  `;
}
