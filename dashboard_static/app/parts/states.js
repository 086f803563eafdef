/** Placeholders for data that is loading, empty or unavailable. */

import { current } from "../session.js";
import { html } from "../ui.js";

const UNLOGGED = new Set([401, 429]);

export function Loading({ rows = 3 }) {
  return html`
    <div class="loading" role="status">
      <span class="unseen">Loading</span>
      ${Array.from({ length: rows }, () => html`<div class="bone"></div>`)}
    </div>
  `;
}

/** A placeholder in the shape of the loaded content, to prevent layout shifts. */
function Shaped({ children }) {
  return html`
    <div class="loading shaped" role="status">
      <span class="unseen">Loading</span>
      <div aria-hidden="true">${children}</div>
    </div>
  `;
}

/** A placeholder of the size of `text`. */
export function Blank({ text }) {
  return html`<span class="blank">${text}</span>`;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p><p>${children}</p></div>`;
}

export function Problem({ error, retry }) {
  return html`
    <div class="problem" role="alert">
      <p>${error.message}</p>
      ${error.requestId && html`<p class="faint">Request <${RequestId} error=${error} /></p>`}
      ${retry && html`<button type="button" class="button" onClick=${retry}>Try again</button>`}
    </div>
  `;
}

/** Links to the log of API requests, which has the failed requests of a session. */
function RequestId({ error: { requestId, status } }) {
  const id = html`<code>${requestId}</code>`;
  return current()?.token && !UNLOGGED.has(status) ? html`<a href="/dashboard/requests?request=${encodeURIComponent(requestId)}">${id}</a>` : id;
}

/**
 * `show(data)` after the data has loaded; before that `shape`, or `rows` if there is none. After a failed refresh, the data stays visible.
 */
export function Loaded({ request, show, rows, shape }) {
  const { data, error, isLoading, reload } = request;
  if (data !== undefined) {
    return html`
      ${error && html`<p class="stale" role="status">Not up to date: ${error.message}</p>`}
      <div class=${isLoading ? "again" : ""} aria-busy=${isLoading}>${show(data)}</div>
    `;
  }
  if (error) return html`<${Problem} error=${error} retry=${reload} />`;
  return shape ? html`<${Shaped}>${shape}<//>` : html`<${Loading} rows=${rows} />`;
}
