/** Sums of payments per currency, added part by part. */

import { persistently } from "./patience.js";

export const NOTHING = { data: [], rows: 0, until: null, cursor: undefined, isDone: false };

/** `sums` and the next part of `GET /summary`. */
export function added(sums, { data, rows, until, next_cursor: cursor }) {
  const known = new Map(sums.data.map((line) => [line.currency, line]));
  for (const line of data) known.set(line.currency, sumOf(known.get(line.currency), line));
  return {
    data: [...known.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1)),
    rows: sums.rows + rows,
    until: until ?? sums.until,
    cursor: cursor ?? undefined,
    isDone: !cursor,
  };
}

function sumOf(known, line) {
  if (!known) return line;
  const { payments, gross, refunded, net } = line;
  return {
    currency: line.currency,
    payments: known.payments + payments,
    gross: known.gross + gross,
    refunded: known.refunded + refunded,
    net: known.net + net,
  };
}

/** Adds all further parts to `sums`. `load(cursor)` requests one; `report(sums)` gets each intermediate result. */
export async function addAll(sums, { load, report, ...waiting }) {
  while (!sums.isDone) {
    const { cursor } = sums;
    sums = added(sums, await persistently(() => load(cursor), waiting));
    report(sums);
  }
}
