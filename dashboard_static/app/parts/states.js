/** What stands where data is not, or not yet. */

import { html } from "../ui.js";

export function Loading({ rows = 3 }) {
  return html`
    <div class="loading" role="status">
      <span class="unseen">Loading</span>
      ${Array.from({ length: rows }, () => html`<div class="bone"></div>`)}
    </div>
  `;
}

export function Empty({ title, children }) {
  return html`<div class="empty"><p class="empty-title">${title}</p><p>${children}</p></div>`;
}

export function Problem({ error, retry }) {
  return html`
    <div class="problem" role="alert">
      <p>${error.message}</p>
      ${error.requestId && html`<p class="faint">Request <code>${error.requestId}</code></p>`}
      ${retry && html`<button type="button" class="button" onClick=${retry}>Try again</button>`}
    </div>
  `;
}

/** `show(data)` once there is some; until then, what there is instead. A failed refresh leaves the data shown. */
export function Loaded({ request, show, rows }) {
  const { data, error, isLoading, reload } = request;
  if (data !== undefined) {
    return html`
      ${error && html`<p class="stale" role="status">Not up to date: ${error.message}</p>`}
      <div class=${isLoading ? "again" : ""} aria-busy=${isLoading}>${show(data)}</div>
    `;
  }
  if (error) return html`<${Problem} error=${error} retry=${reload} />`;
  return html`<${Loading} rows=${rows} />`;
}
