/**
 * Formats for times. All times are in UTC and name the zone, because statistics count by UTC day, and a list must agree with the
 * chart above it.
 */

const cache = new Map();

/** Caches formatters, because creating one is slow. */
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

/** The time in the viewer's zone, to the second and with the zone's name. */
export function localTime(iso) {
  return format("local", { dateStyle: "medium", timeStyle: "long" }, new Date(iso));
}

/** A day of the statistics: `2026-03-14`. */
export function day(date) {
  return format("day", { day: "numeric", month: "short", timeZone: "UTC" }, new Date(`${date}T00:00:00Z`));
}

/** The start and end of a UTC day, in ISO-8601. */
export function dayBounds(date) {
  const [year, month, dayOfMonth] = date.split("-").map(Number);
  return {
    from: new Date(Date.UTC(year, month - 1, dayOfMonth)).toISOString(),
    to: new Date(Date.UTC(year, month - 1, dayOfMonth + 1)).toISOString(),
  };
}

/** The current UTC day: `2026-03-14`. */
export const today = () => new Date().toISOString().slice(0, 10);
