/** Every event type: what it reports, when it occurs, and its sample bodies. */

import { loadEndpoints } from "../endpoints.js";
import { CodeChoice } from "../parts/code.js";
import { notify } from "../parts/notice.js";
import { useAction } from "../request.js";
import { html, useState } from "../ui.js";
import { EVENT_CATALOGUE } from "../webhooks/event-catalogue.js";
import { ExportButton } from "./export-dialog.js";
import { SampleDialog } from "./sample-dialog.js";

const SAME_VISIT_MS = 10_000; // the response that the banner got

export function EventCatalogue() {
  const [chosen, choose] = useState(0); // full or thin, for all samples
  const [open, setOpen] = useState(null); // the event to send, and the endpoints
  const { run, isBusy } = useAction();
  const ask = async (event) => {
    if (isBusy) return;
    const endpoints = await run(() => loadEndpoints({ maxAgeMs: SAME_VISIT_MS }));
    if (endpoints) setOpen({ event, endpoints });
    else notify("The endpoints could not be loaded");
  };
  return html`
    <div class="stack" data-test-id="event-catalogue">
      <h1>Event catalogue</h1>
      <p class="lead">
        Each <a href="/dashboard/webhooks">webhook endpoint</a> receives the event types that it is subscribed to, as full objects or
        as ids. Respond with 2xx to unknown types, because types may be added.
      </p>
      <div class="actions start"><${ExportButton} kind="events" /></div>
      <section class="card">
        <div>
          ${EVENT_CATALOGUE.map(
            (event) => html`<${EventType} key=${event.name} event=${event} chosen=${chosen} choose=${choose} send=${() => ask(event.name)} />`,
          )}
        </div>
      </section>
      ${open && html`<${SampleDialog} ...${open} close=${() => setOpen(null)} />`}
    </div>
  `;
}

function EventType({ event, chosen, choose, send }) {
  const choices = [
    { name: "Full", text: JSON.stringify(event.full, null, 2) },
    { name: "Thin", text: JSON.stringify(event.thin, null, 2) },
  ];
  return html`
    <details class="operation" data-test-id="event-type" data-event=${event.name}>
      <summary><code class="event-name">${event.name}</code> <span class="faint">${event.summary}</span></summary>
      <p><b>Occurs</b> ${event.occurs}</p>
      <${CodeChoice} choices=${choices} chosen=${chosen} choose=${choose} what=${`the sample of ${event.name}`} group="Format" testId="event-sample" />
      <div class="actions start">
        <button type="button" class="button" data-test-id="send-sample-event-button" onClick=${send}>Send a sample to an endpoint</button>
      </div>
    </details>
  `;
}
