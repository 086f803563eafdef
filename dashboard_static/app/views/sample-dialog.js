/** Sends a sample of an event to an endpoint and shows the response. */

import { testWebhookEndpoint } from "../api.js";
import { nameOf } from "../endpoints.js";
import { Dialog } from "../parts/dialog.js";
import { Select } from "../parts/options.js";
import { attempted, TestResult } from "../parts/test-result.js";
import { useAction } from "../request.js";
import { html, useState } from "../ui.js";
import { EVENT_CATALOGUE } from "../webhooks/event-catalogue.js";

const EVENTS = EVENT_CATALOGUE.map(({ name }) => [name, name]);

/** `endpointId` and `event` are preselected. Endpoints without a URL cannot be chosen. */
export function SampleDialog({ endpoints, endpointId, event: wanted = "webhook.test", close }) {
  const possible = endpoints.filter(({ url }) => url);
  const [id, setId] = useState(endpointId ?? possible[0]?.id);
  const [event, setEvent] = useState(wanted);
  const [result, setResult] = useState(null);
  const { run, isBusy, error } = useAction();
  const send = async (submitted) => {
    submitted.preventDefault();
    setResult(null);
    await run(async () => setResult(await attempted((await testWebhookEndpoint(id, event)).id)));
  };
  if (!possible.length) return html`<${NoEndpoint} close=${close} />`;
  return html`
    <${Dialog} title="Send a sample event" close=${close}>
      <form data-test-id="sample-form" onSubmit=${send}>
        <${Select} id="sample-event" label="Event type" options=${EVENTS} chosen=${event} choose=${setEvent} data-test-id="sample-event-select" />
        <${Select} id="sample-endpoint" label="Endpoint" options=${possible.map((one) => [one.id, nameOf(one)])} chosen=${id} choose=${setId}
          data-test-id="sample-endpoint-select" />
        <p class="hint">The objects of a sample do not exist. The endpoint gets it even if it is not subscribed to the type.</p>
        <div role="status" data-test-id="sample-result">${result && html`<${TestResult} log=${result} />`}</div>
        ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
        <div class="actions">
          <button type="button" class="button" onClick=${close}>Close</button>
          <button class="button primary" data-test-id="send-sample-button" aria-disabled=${isBusy}>
            ${isBusy ? "Waiting for the response…" : "Send"}
          </button>
        </div>
      </form>
    <//>
  `;
}

function NoEndpoint({ close }) {
  return html`
    <${Dialog} title="Send a sample event" close=${close}>
      <p>You have no endpoint with a URL. <a href="/dashboard/webhooks">Add one</a> to receive samples.</p>
      <div class="actions"><button type="button" class="button" onClick=${close}>Close</button></div>
    <//>
  `;
}
