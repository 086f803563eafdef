/** Formats for times, in the time zone of the merchant, which they name. */

import { current } from "./session.js";

const cache = new Map();

/** Caches formatters, because creating one is slow. */
function format(options, date) {
  const kind = JSON.stringify(options);
  if (!cache.has(kind)) cache.set(kind, new Intl.DateTimeFormat(undefined, options));
  return cache.get(kind).format(date);
}

const DATE_TIME = { year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" };

/** The merchant's time zone; UTC if this browser does not know it. */
export function merchantZone() {
  const zone = current()?.merchant.time_zone ?? "UTC";
  return isZone(zone) ? zone : "UTC";
}

/** Whether this browser knows the zone. The server's list of zones may be newer. */
export function isZone(zone) {
  try {
    return Boolean(timeIn(zone, 0));
  } catch {
    return false;
  }
}

/** Says which zones a view with statistics and times uses. */
export function zoneNote() {
  const zone = merchantZone();
  return zone === "UTC" ? "Days and times are in UTC." : `Charts and totals count by UTC day. Times are in ${zone}.`;
}

/** `14 Mar 2026, 9:30 am IST`. */
export const dateTime = (iso) => timeIn(merchantZone(), iso);

/** The same in another zone. */
export const timeIn = (zone, iso) => format({ ...DATE_TIME, timeZone: zone }, new Date(iso));

/** To the second. */
export const exactTime = (iso) => format({ ...DATE_TIME, second: "2-digit", timeZone: merchantZone() }, new Date(iso));

/** The time in the viewer's zone, to the second and with the zone's name. */
export const localTime = (iso) => format({ dateStyle: "medium", timeStyle: "long" }, new Date(iso));

/** The day of an instant: `3 Mar 2026`. */
export const dayOf = (iso) => format({ dateStyle: "medium", timeZone: merchantZone() }, new Date(iso));
