/** A list of API objects: its table, states and pages. */

import { count } from "../format.js";
import { link, navigate, useAddress } from "../router.js";
import { useRequest } from "../request.js";
import { html } from "../ui.js";
import { Empty, Loaded } from "./states.js";

export const PAGE_SIZE = 20;

/**
 * `load(query, signal)` returns a page; `filters` are part of its query. `columns` are `{title, kind}`, and `row` returns
 * a `<tr>`. `everyMs` refreshes the first page only.
 */
export function List({ load, filters, columns, row, label, empty, testId, everyMs, version = 0 }) {
  const { path, query, state } = useAddress();
  const { cursor } = query;
  const inputs = [cursor, version, JSON.stringify(filters)];
  const request = useRequest((signal) => load({ limit: PAGE_SIZE, cursor, ...filters }, signal), inputs, {
    everyMs: cursor ? undefined : everyMs,
  });
  const newer = (cursor && state.newer) || [];
  const goTo = (wanted, behind) => navigate(link(path, { ...query, cursor: wanted }), { state: { newer: behind } });

  const show = (page) => html`
    ${page.data.length
      ? html`<${Table} columns=${columns} label=${label} testId=${testId}>${page.data.map((item) => row(item, request.reload))}<//>`
      : html`<${Nothing} page=${page} empty=${empty} />`}
    <${Pages} page=${page} hasNewer=${Boolean(cursor)}
      toNewer=${() => goTo(newer.at(-1), newer.slice(0, -1))}
      toOlder=${() => goTo(page.next_cursor, [...newer, cursor ?? ""])} />
  `;
  return html`<${Loaded} request=${request} show=${show} rows=${6} />`;
}

export function Table({ columns, label, testId, children }) {
  return html`
    <div class="table-frame" tabindex="0" role="region" aria-label=${label}>
      <table data-test-id=${testId}>
        <caption class="unseen">${label}</caption>
        <thead><tr>${columns.map(({ title, kind }) => html`<th scope="col" class=${kind}>${title}</th>`)}</tr></thead>
        <tbody>${children}</tbody>
      </table>
    </div>
  `;
}

/** A filtered page can be empty although later pages have matches. */
function Nothing({ page, empty }) {
  if (!page.next_cursor) return empty;
  return html`<${Empty} title="No matches so far">Select Older to continue the search.<//>`;
}

/** Uses `aria-disabled`, because a disabled button loses the focus. */
function Pages({ page, hasNewer, toNewer, toOlder }) {
  if (!page.data.length && !hasNewer && !page.next_cursor) return null;
  return html`
    <nav class="pages" aria-label="Pages">
      <span class="faint">${page.total !== null && `${page.total_is_minimum ? "at least " : ""}${count(page.total)} in all`}</span>
      <button type="button" class="button" aria-disabled=${!hasNewer} onClick=${() => hasNewer && toNewer()}>Newer</button>
      <button type="button" class="button" aria-disabled=${!page.next_cursor} onClick=${() => page.next_cursor && toOlder()}>Older</button>
    </nav>
  `;
}
