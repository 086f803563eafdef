/** Figures of the gateway itself: the health of its parts, its jobs, and the test clock. */

import { health, jobs } from "../api.js";
import { count } from "../format.js";
import { isLive } from "../mode.js";
import { Clock } from "../parts/clock.js";
import { Table } from "../parts/list.js";
import { Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { useRequest } from "../request.js";
import { html } from "../ui.js";

const REFRESH_MS = 5_000;
const HEALTH = [
  ["Gateway", "status", "Healthy if all parts below work. Degraded: the API answers, but some requests may fail or be late."],
  ["Database", "database", "Stores orders, payments, refunds and webhooks. Disconnected: requests fail."],
  ["Queue", "queue", "Holds jobs until a worker takes them. Disconnected: new payments cannot be processed."],
  ["Worker", "worker", "Processes the jobs. Stopped: payments stay pending and webhooks are not sent; both continue later."],
];
const JOBS = [
  ["pending", "Waiting", "To be processed, or not due yet, such as the next attempt of a webhook."],
  ["processing", "Processing", "Taken by a worker that has not finished."],
  ["completed", "Completed", "Finished so far."],
  ["failed", "Failed", "In the dead-letter queue after repeated errors of the gateway. An operator can redrive them."],
];
const QUEUES = [
  ["Payments", ({ queues }) => queues.payments],
  ["Refunds", ({ queues }) => queues.refunds],
  ["Webhooks", ({ queues }) => queues.webhooks],
  ["All", (all) => all],
];

export function Operations() {
  return html`
    <div class="stack" data-test-id="operations">
      <h1>Operations</h1>
      <p class="under-title">Figures of the gateway, for all merchants. They refresh every 5 seconds.</p>
      <${Health} />
      <${Jobs} />
      <${Clock} />
    </div>
  `;
}

function Health() {
  const request = useRequest(health, [], { everyMs: REFRESH_MS });
  const show = (parts) => html`
    <dl class="explained">
      ${HEALTH.map(([name, part, meaning]) => html`<div><dt>${name}</dt><dd><${Status} of=${parts[part]} data-test-id="health-${part}" /><small>${meaning}</small></dd></div>`)}
    </dl>
  `;
  return html`<section class="card"><h2>Health</h2><${Loaded} request=${request} show=${show} rows=${4} /></section>`;
}

function Jobs() {
  const request = useRequest(jobs, [], { everyMs: REFRESH_MS });
  const show = (status) => (status === null ? html`<${Unavailable} />` : html`<${JobTable} status=${status} />`);
  return html`<section class="card" data-test-id="jobs"><h2>Jobs</h2><${Loaded} request=${request} show=${show} rows=${4} /></section>`;
}

function Unavailable() {
  return html`
    <p>
      The figures of the queues are not available in ${isLive ? "production" : "this stage"}. Your gateway operator has them in CloudWatch,
      with alarms. Payments and webhooks of your account are in <a href="/dashboard/transactions">Transactions</a> and
      ${" "}<a href="/dashboard/webhooks">Webhooks</a>.
    </p>
  `;
}

function JobTable({ status }) {
  const columns = [{ title: "Queue" }, ...JOBS.map(([, title]) => ({ title, kind: "number" }))];
  return html`
    <${Table} columns=${columns} label="Jobs by queue" testId="jobs-table">
      ${QUEUES.map(
        ([name, of]) => html`
          <tr key=${name}><th scope="row">${name}</th>${JOBS.map(([figure]) => html`<td class="number" data-figure=${figure}>${count(of(status)[figure])}</td>`)}</tr>
        `,
      )}
    <//>
    <dl class="explained">${JOBS.map(([, name, meaning]) => html`<div><dt>${name}</dt><dd>${meaning}</dd></div>`)}</dl>
  `;
}
