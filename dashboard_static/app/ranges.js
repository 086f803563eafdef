/** Ranges of days, both included. A range is `{ from, to }`; an absent end is open. */

import { addDays, isDay, startOfDay } from "./zones.js";

/** Named ranges: `[name, label, range]`, where `range(today)` returns the days. */
export const PRESETS = [
  ["today", "Today", (today) => ({ from: today, to: today })],
  ["yesterday", "Yesterday", (today) => ({ from: addDays(today, -1), to: addDays(today, -1) })],
  ["last-7-days", "Last 7 days", (today) => ({ from: addDays(today, -6), to: today })],
  ["last-30-days", "Last 30 days", (today) => ({ from: addDays(today, -29), to: today })],
  ["this-month", "This month", (today) => ({ from: firstOfMonth(today), to: lastOfMonth(today) })],
  ["last-month", "Last month", monthBefore],
];

/** The days of a preset. */
export function presetDays(name, today) {
  return PRESETS.find(([known]) => known === name)[2](today);
}

/** The name of the first preset with exactly these days; undefined if there is none. */
export function presetOf({ from, to }, today) {
  return PRESETS.find(([, , range]) => range(today).from === from && range(today).to === to)?.[0];
}

/** The range of an address: `from` and `to`, or one `day`. */
export const rangeOf = ({ from, to, day }) => ({ from: from ?? day, to: to ?? day });

/** What is wrong with a range, as text; undefined if it is valid. */
export function problemOf({ from, to }) {
  if ([from, to].some((day) => day && !isDay(day))) return "Enter days from 2000 on, such as 2026-03-14.";
  if (from && to && to < from) return "The last day is before the first day.";
  return undefined;
}

/** The instants of a valid range for the API: from the start of its first day to the end of its last. */
export function boundsOf({ from, to }, zone) {
  return {
    ...(from && { from: startOfDay(zone, from) }),
    ...(to && { to: startOfDay(zone, addDays(to, 1)) }),
  };
}

/** A part of a file name: `-2026-03-01-to-2026-03-31`. */
export function rangeInName({ from, to }) {
  if (from && to) return `-${from}-to-${to}`;
  if (from) return `-from-${from}`;
  return to ? `-to-${to}` : "";
}

const firstOfMonth = (day) => `${day.slice(0, 7)}-01`;
const lastOfMonth = (day) => addDays(firstOfMonth(addDays(firstOfMonth(day), 31)), -1);

function monthBefore(today) {
  const to = addDays(firstOfMonth(today), -1);
  return { from: firstOfMonth(to), to };
}
