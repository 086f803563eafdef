/** CSV exports: loads them part by part and writes them to files. */

import { persistently } from "./patience.js";
import { rangeInName } from "./ranges.js";

export const MAX_ROWS = 1_000_000; // a file: spreadsheets open 1,048,576 rows
const MAX_ROWS_OF_PART = 1_000; // by the API

const BYTE_ORDER_MARK = "\uFEFF"; // without it, Excel does not read UTF-8

/** `payments-2026-03-01-to-2026-03-31.csv`; later files of the same export end with `-part-2.csv`, and so on. */
export function fileName(kind, range, part) {
  return `${kind}${rangeInName(range)}${part > 1 ? `-part-${part}` : ""}.csv`;
}

/** The rows of a part `{ header, rows, count, last, cursor }`; `last` is the first cell of its last row, which is a time. */
export function read({ text, cursor }, header) {
  const lines = text.split("\r\n");
  const first = header ? [] : lines.splice(0, 1); // only the first part has a header
  const rows = lines.filter(Boolean);
  return {
    header: header ?? first[0],
    rows: rows.map((row) => `${row}\r\n`).join(""),
    count: rows.length,
    last: rows.at(-1)?.split(",")[0] ?? null,
    cursor,
  };
}

/**
 * One file of an export. `export_` is `{ header, cursor }`, both undefined for the first file. `load(cursor)` requests a part.
 * `open()` returns the `{ write(text), close(), abort() }` of the file and is called when there are rows. `report({ rows, last })`
 * is called for each part. Returns `{ header, cursor, rows, last }`; with a `cursor`, the export continues in another file.
 */
export async function exportFile(export_, { load, open, report, maxRows = MAX_ROWS, ...waiting }) {
  const next = async ({ header, cursor }) => read(await persistently(() => load(cursor), waiting), header);
  let part = await next(export_);
  while (!part.count && part.cursor) part = await next(part);
  if (!part.count) return { header: part.header, cursor: undefined, rows: 0, last: null };
  const file = await open();
  try {
    await file.write(`${BYTE_ORDER_MARK}${part.header}\r\n`);
    let rows = 0;
    let last = null;
    for (;;) {
      await file.write(part.rows);
      rows += part.count;
      last = part.last ?? last;
      report({ rows, last });
      if (!part.cursor || rows + MAX_ROWS_OF_PART > maxRows) break;
      part = await next(part);
    }
    await file.close();
    return { header: part.header, cursor: part.cursor ?? undefined, rows, last };
  } catch (error) {
    await file.abort();
    throw error;
  }
}
