/** The matches of a search, found page by page. */

import { persistently } from "./patience.js";

export const WANTED = 20;
export const NONE = { items: [], until: null, cursor: undefined, isDone: false };

/**
 * Adds matches to `found` until there are WANTED more, or until the end of the list. `load(cursor)` requests a page; `accepts(item)`
 * selects its matches; `report(found)` is called after each page. `until` is the time back to which the list was searched.
 */
export async function findMore(found, { load, accepts, report, ...waiting }) {
  const wanted = found.items.length + WANTED;
  while (!found.isDone && found.items.length < wanted) {
    const { cursor } = found;
    found = added(found, await persistently(() => load(cursor), waiting), accepts);
    report(found);
  }
}

function added({ items, until }, page, accepts) {
  return {
    items: [...items, ...page.data.filter(accepts)],
    until: page.searched_until ?? page.data.at(-1)?.created_at ?? until,
    cursor: page.next_cursor ?? undefined,
    isDone: !page.next_cursor,
  };
}
