/** The log of API requests, and the view of one request. */

import { apiRequest, apiRequests } from "../api.js";
import { orderLink, paymentLink } from "../links.js";
import { Copy } from "../parts/copy.js";
import { Facts } from "../parts/facts.js";
import { Choice, Id } from "../parts/filters.js";
import { List } from "../parts/list.js";
import { Empty, Loaded } from "../parts/states.js";
import { When } from "../parts/when.js";
import { useRequest } from "../request.js";
import { here, link, navigate, useAddress } from "../router.js";
import { html, useState } from "../ui.js";

const REFRESH_MS = 10_000;
const COLUMNS = [
  { title: "Request" },
  { title: "Status" },
  { title: "Error", kind: "wide-only" },
  { title: "Duration", kind: "number roomy-only" },
  { title: "Sent with", kind: "widest-only" },
  { title: "Objects", kind: "roomy-only" },
  { title: "Time" },
];
const FAILED = 400;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export function Requests() {
  const { query } = useAddress();
  return query.request ? html`<${RequestView} key=${query.request} id=${query.request} />` : html`<${All} />`;
}

function All() {
  const { failed, payment } = useAddress().query;
  const isFiltered = failed || payment;
  return html`
    <div class="stack">
      <h1>API requests</h1>
      <p class="faint">
        All requests with your API key, and those of this dashboard that changed something or failed. Requests with wrong credentials,
        above the rate limit, and of the checkout are not in the log.
      </p>
      <div class="filters">
        <${FindById} />
        <${Choice} name="failed" label="Result" options=${[["true", "Failed"], ["false", "Succeeded"]]} />
        <${Id} key=${payment} name="payment" label="Payment" prefix="pay_" />
        ${isFiltered && html`<a class="button" href="/dashboard/requests">Clear</a>`}
      </div>
      <section class="card list">
        <${List} load=${apiRequests} filters=${{ failed, payment_id: payment }} columns=${COLUMNS} row=${Row} label="API requests"
          testId="requests-table" everyMs=${REFRESH_MS}
          empty=${isFiltered
            ? html`<${Empty} title="No matching requests">Change or clear the filters. Older requests are deleted.<//>`
            : html`<${Empty} title="No request yet">
                Send one with your <a href="/dashboard/keys">API key</a>. Your gateway operator can turn this log off.<//>`} />
      </section>
    </div>
  `;
}

/** Opens a request by its id, which can be part of a longer text, such as an error message. */
function FindById() {
  const [text, setText] = useState("");
  const [error, setError] = useState(null);
  const find = (event) => {
    event.preventDefault();
    const id = requestIdIn(text);
    if (id) navigate(here({ request: id }), { state: history.state ?? {} });
    else setError("Enter the id of a request, or a text with it.");
  };
  return html`
    <form class="filter" role="search" aria-label="Find a request" onSubmit=${find}>
      <label for="find-request">Request id</label>
      <span class="joined">
        <input id="find-request" type="search" placeholder="Id, or an error with it" spellcheck="false" autocomplete="off" value=${text}
          data-test-id="find-request-input" aria-invalid=${Boolean(error)} aria-describedby=${error ? "find-request-error" : undefined}
          onInput=${(event) => (setText(event.target.value), setError(null))} />
        <button class="button">Find</button>
      </span>
      ${error && html`<span id="find-request-error" class="field-error" role="alert">${error}</span>`}
    </form>
  `;
}

/** The id in `text`: a UUID, or else the value of `request_id`, or else the last word. HTTP APIs have ids of other forms. */
export function requestIdIn(text) {
  const named = /request(?:_id)?["':\s]+([\w=-]{6,64})/i.exec(text)?.[1];
  return UUID.exec(text)?.[0].toLowerCase() ?? named ?? text.trim().split(/\s+/).at(-1);
}

function Row(request) {
  const [object] = objects(request);
  return html`
    <tr key=${request.id} class="opens" data-test-id="request-row" data-request-id=${request.id}>
      <td class="cut"><a href=${here({ request: request.id })}><code>${request.method} ${short(request.route)}</code></a></td>
      <td><${Code} status=${request.status} /></td>
      <td class="wide-only">${request.error_code ? html`<code>${request.error_code}</code>` : "–"}</td>
      <td class="number roomy-only">${request.took_ms} ms</td>
      <td class="widest-only">${sender(request)}</td>
      <td class="roomy-only">${object ? html`<code>${object[1]}</code>` : "–"}</td>
      <td class="wraps"><${When} at=${request.created_at} /></td>
    </tr>
  `;
}

function RequestView({ id }) {
  const request = useRequest((signal) => apiRequest(id, signal), [id]);
  return html`
    <div class="stack">
      <p class="back"><a href=${here({ request: undefined })}>← API requests</a></p>
      <h1>API request</h1>
      <${Loaded} request=${request} rows=${6} show=${(found) => html`<${Detail} request=${found} />`} />
    </div>
  `;
}

function Detail({ request }) {
  return html`
    <section class="card" data-test-id="request-detail">
      <div class="payment-head">
        <p class="payment-amount">${request.method} ${request.route}</p>
        <${Code} status=${request.status} />
      </div>
      <${Facts} of=${[
        ["Id", html`<code>${request.id}</code> <${Copy} text=${request.id} what="the id" />`],
        ["Error code", request.error_code && html`<code>${request.error_code}</code>`],
        ["Time", html`<${When} at=${request.created_at} exact />`],
        ["Duration", `${request.took_ms} ms`],
        ["Sent with", sender(request)],
        ...objects(request).map(linked),
      ]} />
      <p class="faint">The log does not contain bodies, query strings or other data of the request.</p>
    </section>
  `;
}

const short = (route) => route.replace(/^\/api\/v1/, "");

const sender = ({ credential }) => (credential === "dashboard" ? "the dashboard" : html`<code>${credential}</code>`);

function Code({ status }) {
  return html`<span class="status ${status >= FAILED ? "bad" : "good"}">${status}</span>`;
}

/** `[name, id, address]` of each object of the request. The address of a refund is null: it has no page. */
function objects({ order_id: order, payment_id: payment, refund_id: refund, webhook_log_id: webhook }) {
  return [
    ["Payment", payment, paymentLink(payment)],
    ["Order", order, orderLink(order)],
    ["Refund", refund, null],
    ["Webhook", webhook, link("/dashboard/webhooks", { log: webhook })],
  ].filter(([, id]) => id);
}

function linked([name, id, address]) {
  const code = html`<code>${id}</code>`;
  return [name, address ? html`<a href=${address}>${code}</a>` : code];
}
