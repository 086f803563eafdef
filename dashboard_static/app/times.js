/**
 * Times as people read them. All of them are in UTC, and say so: statistics count by UTC day, and a list must agree with the chart
 * above it.
 */

const cache = new Map();

/** A formatter is costly to make: one for each kind. */
function format(kind, options, date) {
  if (!cache.has(kind)) cache.set(kind, new Intl.DateTimeFormat(undefined, options));
  return cache.get(kind).format(date);
}

export function dateTime(iso) {
  return `${format("date time", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }, new Date(iso))} UTC`;
}

/** To the second. */
export function exactTime(iso) {
  return `${format("exact", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }, new Date(iso))} UTC`;
}

/** The same moment where the viewer is, to the second and with its zone. */
export function localTime(iso) {
  return format("local", { dateStyle: "medium", timeStyle: "long" }, new Date(iso));
}

/** A day of the statistics: `2026-03-14`. */
export function day(date) {
  return format("day", { day: "numeric", month: "short", timeZone: "UTC" }, new Date(`${date}T00:00:00Z`));
}

/** The moments at which a UTC day begins and ends, in ISO-8601. */
export function dayBounds(date) {
  const [year, month, dayOfMonth] = date.split("-").map(Number);
  return {
    from: new Date(Date.UTC(year, month - 1, dayOfMonth)).toISOString(),
    to: new Date(Date.UTC(year, month - 1, dayOfMonth + 1)).toISOString(),
  };
}
