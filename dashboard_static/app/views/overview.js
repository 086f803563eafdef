/** The overview: statistics and latest payments, refreshed regularly. */

import { useEndpoints } from "../endpoints.js";
import { count, money, percent, shortMoney } from "../format.js";
import { chart, figures, HOME, LATEST, latestPayments } from "../home.js";
import { Credentials } from "../parts/credentials.js";
import { Blank, Empty, Loaded } from "../parts/states.js";
import { Status } from "../parts/status.js";
import { When } from "../parts/when.js";
import { useRequest } from "../request.js";
import { zoneNote } from "../times.js";
import { html } from "../ui.js";

const REFRESH_MS = 5_000;
const OUTCOMES = "Outcomes per day";
const VOLUMES = "Volume per day";
const OUTCOMES_LEGEND = "00 MMM Pending 0 Failed 0 Succeeded 0"; // for the size of the placeholders
const VOLUMES_LEGEND = "00 MMM INR 0";

export function Overview() {
  const latest = useRequest(latestPayments, [], { everyMs: REFRESH_MS });
  return html`
    <div data-test-id="dashboard" class="stack">
      <h1>Overview</h1>
      <p class="under-title">${zoneNote()}</p>
      <${Figures} />
      <div class="columns">
        <${Latest} request=${latest} />
        <div class="stack">
          <${Credentials} />
          <${GetStarted} payments=${latest.data?.data} />
        </div>
      </div>
    </div>
  `;
}

function Figures() {
  const request = useRequest(figures, [], { everyMs: REFRESH_MS });
  const component = useRequest(chart, []);
  const show = ({ totals, days }) => html`
    <div class="stack">
      <dl class="figures" data-test-id="stats-container">
        <div class="card"><dt>Transactions</dt><dd data-test-id="total-transactions">${count(totals.count)}</dd></div>
        <div class="card"><dt>Volume</dt><dd><${Volume} volume=${totals.volume} /></dd></div>
        <div class="card"><dt>Success rate</dt><dd data-test-id="success-rate">${percent(totals.success_rate)}</dd></div>
      </dl>
      <div class="columns even"><${Outcomes} days=${days} component=${component} /><${Volumes} days=${days} total=${totals.volume} component=${component} /></div>
    </div>
  `;
  return html`<${Loaded} request=${request} show=${show} shape=${html`<${FiguresShape} />`} />`;
}

function FiguresShape() {
  return html`
    <div class="stack">
      <dl class="figures">
        ${["Transactions", "Volume", "Success rate"].map((name) => html`<div class="card"><dt>${name}</dt><dd><${Blank} text="000" /></dd></div>`)}
      </dl>
      <div class="columns even">
        <section class="card"><h2>${OUTCOMES}</h2><${ChartShape} legend=${OUTCOMES_LEGEND} /></section>
        <section class="card"><h2>${VOLUMES}</h2><${ChartShape} legend=${VOLUMES_LEGEND} /></section>
      </div>
    </div>
  `;
}

/** A chart after its `component`, the response of a request, has loaded. */
function LoadedChart({ component, legend, ...chart }) {
  const show = (Chart) => html`<${Chart} ...${chart} />`;
  return html`<${Loaded} request=${component} show=${show} shape=${html`<${ChartShape} legend=${legend} />`} />`;
}

function ChartShape({ legend }) {
  return html`<figure class="chart"><figcaption class="legend"><${Blank} text=${legend} /></figcaption><div class="plot"></div></figure>`;
}

/** Currencies by volume, the largest first. Amounts in different currencies cannot be added. */
function currencies(volume) {
  const known = Object.keys(volume).sort((one, other) => volume[other] - volume[one]);
  return known.length ? known : ["INR"];
}

function Volume({ volume }) {
  const [first, ...others] = currencies(volume);
  return html`
    <span data-test-id="total-amount">${money(volume[first] ?? 0, first)}</span>
    ${others.map((currency) => html`<small>${money(volume[currency], currency)}</small>`)}
  `;
}

function Outcomes({ days, component }) {
  const of = (value) => days.map(value);
  const series = [
    { name: "Pending", colour: "waiting-fill", values: of((day) => day.count - day.success - day.failed) },
    { name: "Failed", colour: "bad-fill", values: of((day) => day.failed) },
    { name: "Succeeded", colour: "good-fill", values: of((day) => day.success) },
  ];
  const label = `Payments per day by outcome, last ${days.length} days`;
  return html`
    <section class="card">
      <h2>${OUTCOMES}</h2>
      <${LoadedChart} component=${component} legend=${OUTCOMES_LEGEND} stacked dates=${of((day) => day.date)} series=${series}
        label=${label} format=${count} />
    </section>
  `;
}

function Volumes({ days, total, component }) {
  const [currency] = currencies(total);
  const values = days.map((day) => day.volume[currency] ?? 0);
  const label = `Volume per day in ${currency}, last ${days.length} days`;
  return html`
    <section class="card">
      <h2>${VOLUMES}</h2>
      <${LoadedChart} component=${component} legend=${VOLUMES_LEGEND} dates=${days.map((day) => day.date)} series=${[{ name: currency, colour: "accent-fill", values }]}
        label=${label} format=${(value) => money(value, currency)} formatShort=${(value) => shortMoney(value, currency)} />
    </section>
  `;
}

function Latest({ request }) {
  const show = ({ data }) =>
    data.length
      ? html`<ul class="latest">${data.map((payment) => html`<${Line} key=${payment.id} payment=${payment} />`)}</ul>`
      : html`<${Empty} title="No payment yet">Your latest payments appear here. <a href="/dashboard/start">Get started</a><//>`;
  return html`
    <section class="card">
      <h2>Latest payments <a class="more" href="/dashboard/transactions">All</a></h2>
      <div class="latest-room"><${Loaded} request=${request} show=${show} shape=${html`<${LatestShape} />`} /></div>
    </section>
  `;
}

function LatestShape() {
  const line = html`
    <li>
      <code><${Blank} text="pay_0000000000000000" /></code><span class="amount"><${Blank} text="₹000.00" /></span>
      <time><${Blank} text="00 MMM 0000, 00:00 UTC" /></time><span class="status"><${Blank} text="success" /></span>
    </li>
  `;
  return html`<ul class="latest">${Array(LATEST).fill(line)}</ul>`;
}

function Line({ payment }) {
  return html`
    <li class="opens">
      <a href="/dashboard/transactions?payment=${payment.id}"><code>${payment.id}</code></a>
      <span class="amount">${money(payment.amount, payment.currency)}</span>
      <${When} at=${payment.created_at} />
      <${Status} of=${payment.display_status} />
    </li>
  `;
}

/** What is left to do until webhooks arrive; absent when all is done, and until that is known. Nothing follows it that could move. */
function GetStarted({ payments }) {
  const endpoints = useEndpoints(HOME);
  if (!payments || !endpoints) return null;
  const steps = [
    ["Set a webhook URL", endpoints.some(({ url }) => url)],
    ["Receive a webhook", endpoints.some(({ health }) => health.last_success_at)],
    ["Make a payment", payments.length > 0],
  ];
  if (steps.every(([, isDone]) => isDone)) return null;
  return html`
    <section class="card" data-test-id="get-started">
      <h2>Get started</h2>
      <ul class="todo">${steps.map(([name, isDone]) => html`<li><span aria-hidden="true">${isDone ? "✓" : "○"}</span> ${name}${isDone && html`<span class="unseen"> (done)</span>`}</li>`)}</ul>
      <p><a href="/dashboard/start">Continue</a></p>
    </section>
  `;
}
