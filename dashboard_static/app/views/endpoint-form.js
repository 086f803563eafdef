/** Adds or edits a webhook endpoint. */

import { changeWebhookEndpoint, createWebhookEndpoint } from "../api.js";
import { newKey } from "../idempotency.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { Checkboxes, Radios } from "../parts/options.js";
import { useAction } from "../request.js";
import { html, useState } from "../ui.js";
import { EVENT_CATALOGUE } from "../webhooks/event-catalogue.js";

const MAX_DESCRIPTION_CHARS = 255;
const EVENTS = EVENT_CATALOGUE.map(({ name }) => name);
const PAYLOADS = [
  ["full", "Full", "The complete objects of the event."],
  ["thin", "Thin", "Only ids; your server requests the objects from the API."],
];
const SUBSCRIPTIONS = [
  ["all", "All event types", "Also types that are added later."],
  ["some", "Selected event types"],
];

/** `done` is called with the created or changed endpoint. Without `endpoint`, a new one is created. */
export function EndpointForm({ endpoint, close, done }) {
  const [typed, setTyped] = useState(() => start(endpoint));
  const [key] = useState(newKey);
  const [wrong, setWrong] = useState(null); // the problem found before the request
  const { run, isBusy, error } = useAction();
  const isDefault = endpoint?.id === "default";
  const set = (changes) => {
    setTyped({ ...typed, ...changes });
    setWrong(null);
  };
  const submit = async (event) => {
    event.preventDefault();
    const found = problem(typed, isDefault);
    setWrong(found);
    if (found) return;
    const saved = await run(() => save(endpoint, body(typed, isDefault), key));
    if (!saved) return;
    if (endpoint) notify("Endpoint saved");
    done(saved);
  };
  const refused = wrong ?? (error && { field: error.field === "webhook_url" ? "url" : error.field, message: error.message });
  const complaint = (field) => (refused?.field === field ? refused.message : undefined);
  const isElsewhere = refused && !["url", "description", "events"].includes(refused.field);
  return html`
    <${Dialog} title=${endpoint ? "Edit endpoint" : "Add endpoint"} close=${close}>
      <form data-test-id="endpoint-form" onSubmit=${submit} noValidate>
        ${!isDefault &&
        html`
          <${Field} id="endpoint-url" label="URL" type="url" spellcheck="false" autocomplete="url" placeholder="https://shop.example/webhook"
            data-test-id="endpoint-url-input" value=${typed.url} error=${complaint("url")} onInput=${(event) => set({ url: event.target.value })} />
        `}
        <${Field} id="endpoint-description" label="Description (optional)" autocomplete="off" maxlength=${MAX_DESCRIPTION_CHARS}
          data-test-id="endpoint-description-input" value=${typed.description} error=${complaint("description")}
          onInput=${(event) => set({ description: event.target.value })} />
        <${Radios} name="subscription" legend="Events" options=${SUBSCRIPTIONS} chosen=${typed.subscription}
          choose=${(subscription) => set({ subscription })} />
        ${typed.subscription === "some" &&
        html`<${Checkboxes} id="endpoint-events" legend="Event types" options=${EVENTS} values=${typed.events} error=${complaint("events")}
          change=${(events) => set({ events })} />`}
        <${Radios} name="payload" legend="Payload" options=${PAYLOADS} chosen=${typed.payload} choose=${(payload) => set({ payload })} />
        ${isElsewhere && html`<p class="field-error" role="alert">${refused.message}</p>`}
        <div class="actions">
          <button type="button" class="button" onClick=${close}>Cancel</button>
          <button class="button primary" data-test-id="save-endpoint-button" aria-disabled=${isBusy}>
            ${isBusy ? "Saving…" : endpoint ? "Save" : "Add endpoint"}
          </button>
        </div>
      </form>
    <//>
  `;
}

function start(endpoint) {
  const { url = "", description = "", events = ["*"], payload = "full" } = endpoint ?? {};
  const isAll = events.includes("*");
  return {
    url: url ?? "",
    description: description ?? "",
    subscription: isAll ? "all" : "some",
    events: isAll ? [] : [...events],
    payload,
  };
}

function problem({ url, subscription, events }, isDefault) {
  if (!isDefault && !url.trim()) return { field: "url", message: "Enter a URL." };
  if (subscription === "some" && !events.length) return { field: "events", message: "Select at least one event type." };
  return null;
}

function body({ url, description, subscription, events, payload }, isDefault) {
  return {
    ...(!isDefault && { url: url.trim() }),
    description: description.trim() || null,
    events: subscription === "all" ? ["*"] : EVENTS.filter((name) => events.includes(name)),
    payload,
  };
}

/** A change contains only the fields that differ. Without a difference, nothing is sent. */
async function save(endpoint, wanted, key) {
  if (!endpoint) return createWebhookEndpoint(wanted, key);
  const isSame = (name) => JSON.stringify([wanted[name]].flat().sort()) === JSON.stringify([endpoint[name]].flat().sort());
  const changes = Object.fromEntries(Object.entries(wanted).filter(([name]) => !isSame(name)));
  return Object.keys(changes).length ? changeWebhookEndpoint(endpoint.id, changes) : endpoint;
}
