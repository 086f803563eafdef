/** The webhook endpoints as cards, with their health and actions. */

import { changeWebhookEndpoint } from "../api.js";
import { isFailing } from "../endpoints.js";
import { count, percent } from "../format.js";
import { NoFurtherEndpoints } from "../parts/empty-states.js";
import { Facts } from "../parts/facts.js";
import { notify } from "../parts/notice.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useAction } from "../request.js";
import { link, navigate } from "../router.js";
import { html, useLayoutEffect, useRef, useState } from "../ui.js";
import { DeleteDialog, RegenerateDialog, SecretDialog } from "./endpoint-dialogs.js";
import { EndpointForm } from "./endpoint-form.js";
import { LabDialog } from "./lab-dialog.js";
import { ReplayDialog } from "./replay-dialog.js";
import { SampleDialog } from "./sample-dialog.js";
import { WebhookConfig } from "./webhook-config.js";

const DEFAULT = "default";

export function WebhookEndpoints({ request, onTested }) {
  const [open, setOpen] = useState(null); // the open dialog: its kind and endpoint
  const [version, setVersion] = useState(0); // incremented to reload the default endpoint's form
  const heading = useRef(null);
  const hasAsked = useRef(false);
  const close = () => {
    hasAsked.current = true;
    setOpen(null);
  };
  const changed = () => {
    request.reload();
    setVersion((now) => now + 1);
  };
  const tested = () => {
    request.reload();
    onTested();
  };
  useLayoutEffect(() => {
    // The button that had the focus may have been removed.
    if (hasAsked.current && !open && document.activeElement === document.body) heading.current.focus();
  }, [open, request.data]);

  const card = (endpoint) => html`<${Details} endpoint=${endpoint} ask=${(kind) => setOpen({ kind, endpoint })} changed=${changed} />`;
  const [main, ...others] = request.data ?? [];
  return html`
    <div class="section-head">
      <h2 ref=${heading} tabindex="-1">Endpoints</h2>
      <a href="/dashboard/events">Event catalogue</a>
      <button type="button" class="button" data-test-id="add-endpoint-button" onClick=${() => setOpen({ kind: "add" })}>Add endpoint</button>
    </div>
    <${WebhookConfig} version=${version} onChanged=${request.reload} onTested=${tested}>
      <${Loaded} request=${request} show=${() => main && card(main)} rows=${7} />
    <//>
    ${!others.length && html`<${NoFurtherEndpoints} />`}
    ${others.map(
      (endpoint) => html`
        <section key=${endpoint.id} class="card" aria-labelledby="endpoint-${endpoint.id}" data-test-id="webhook-endpoint" data-endpoint-id=${endpoint.id}>
          <h3 id="endpoint-${endpoint.id}" class="endpoint-url">${endpoint.url}</h3>
          ${endpoint.description && html`<p class="faint">${endpoint.description}</p>`}
          ${card(endpoint)}
        </section>
      `,
    )}
    ${open && html`<${OpenDialog} open=${open} setOpen=${setOpen} close=${close} changed=${changed} tested=${tested} endpoints=${request.data} />`}
  `;
}

function OpenDialog({ open, setOpen, close, changed, tested, endpoints }) {
  const { kind, endpoint, secret } = open;
  const showSecret = (changedOne) => {
    changed();
    setOpen({ kind: "secret", endpoint: changedOne, secret: changedOne.secret });
  };
  const closeChanged = () => {
    changed();
    close();
  };
  if (kind === "add") return html`<${EndpointForm} key="add" close=${close} done=${showSecret} />`;
  if (kind === "edit") return html`<${EndpointForm} key="edit" endpoint=${endpoint} close=${close} done=${closeChanged} />`;
  if (kind === "delete") return html`<${DeleteDialog} endpoint=${endpoint} close=${close} done=${closeChanged} />`;
  if (kind === "regenerate") return html`<${RegenerateDialog} key="regenerate" endpoint=${endpoint} close=${close} done=${showSecret} />`;
  if (kind === "secret") return html`<${SecretDialog} key="secret" endpoint=${endpoint} secret=${secret} close=${close} />`;
  if (kind === "replay") return html`<${ReplayDialog} endpoint=${endpoint} close=${() => (tested(), close())} />`;
  if (kind === "lab") return html`<${LabDialog} endpoint=${endpoint} close=${close} />`;
  return html`<${SampleDialog} endpoints=${endpoints} endpointId=${endpoint.id} close=${() => (tested(), close())} />`;
}

/** The subscription, the health and the actions of an endpoint. */
function Details({ endpoint, ask, changed }) {
  const { id, url, status, health } = endpoint;
  const { run, isBusy, error } = useAction();
  const isEnabled = status === "enabled";
  const isDefault = id === DEFAULT;
  const toggle = async () => {
    if (!(await run(() => changeWebhookEndpoint(id, { status: isEnabled ? "disabled" : "enabled" })))) return;
    notify(isEnabled ? "Endpoint disabled" : "Endpoint enabled");
    changed();
  };
  const button = (text, onClick, testId, rest = {}) => html`
    <button type="button" class="button small" aria-describedby="endpoint-${id}" data-test-id=${testId} onClick=${onClick} ...${rest}>${text}</button>
  `;
  return html`
    <div class="endpoint">
      ${!isDefault && health.disabled_at && html`<p class="warning">${firstSentence(health.reason)}</p>`}
      ${isEnabled && isFailing(endpoint) && html`<p class="warning bad">The latest attempt failed. <${LogLink} id=${id} /></p>`}
      <${Facts} of=${facts(endpoint)} />
      ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
      <div class="actions start">
        ${button("Edit", () => ask("edit"), "edit-endpoint-button")}
        ${url && button("Send a sample", () => ask("sample"), "sample-endpoint-button")}
        ${url && button("Check the receiver", () => ask("lab"), "lab-endpoint-button")}
        ${button("Replay", () => ask("replay"), "replay-endpoint-button")}
        ${!isDefault && button("Regenerate secret", () => ask("regenerate"), "regenerate-endpoint-secret-button")}
        ${(url || !isEnabled) && button(isEnabled ? "Disable" : "Enable", toggle, "toggle-endpoint-button", { "aria-disabled": isBusy })}
        ${!isDefault && button("Delete", () => ask("delete"), "delete-endpoint-button")}
      </div>
    </div>
  `;
}

/** Filters the log, which is on the same page. */
function LogLink({ id }) {
  const address = link("/dashboard/webhooks", { endpoint: id });
  const show = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // opens another tab or window
    event.preventDefault();
    navigate(address);
    document.querySelector("#log").scrollIntoView();
  };
  return html`<a href=${address} onClick=${show}>View its log</a>`;
}

function facts({ id, url, events, payload, description, status, health }) {
  const { success_rate_24h: rate, latency_ms_24h: latencyMs } = health;
  const isOff = id === DEFAULT && !url;
  return [
    ["Status", isOff ? html`<span class="status">no URL</span>` : html`<${Status} of=${status} data-test-id="endpoint-status" />`],
    ["Description", id === DEFAULT && description],
    ["Payload", html`<span data-test-id="endpoint-payload">${payload === "thin" ? "Thin: ids only" : "Full objects"}</span>`],
    ["Last 24 h", html`<span data-test-id="endpoint-health">${rate === null ? "No attempts" : `${percent(rate)} successful, ${count(latencyMs)} ms on average`}</span>`],
    ["Last success", html`<${When} at=${health.last_success_at} exact data-test-id="endpoint-last-success" />`],
    ["Last failure", html`<${When} at=${health.last_failure_at} exact data-test-id="endpoint-last-failure" />`],
    ["Disabled", health.disabled_at && html`<${When} at=${health.disabled_at} exact />`],
    ["Sends", html`<span data-test-id="endpoint-events">${events.includes("*") ? "All event types" : html`<${Names} of=${events} />`}</span>`],
  ];
}

function Names({ of }) {
  return html`<span class="names">${of.map((name) => html`<code>${name}</code> `)}</span>`;
}

/** Without the API's instruction, because the card has a button. */
const firstSentence = (text) => `${text.split(". ")[0].replace(/\.$/, "")}.`;
