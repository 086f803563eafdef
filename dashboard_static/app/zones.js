/** Calendar days in a time zone. A day is text such as `2026-03-14`; a zone is an IANA name. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EARLIEST_MS = 15 * HOUR_MS; // zones are at most 14 hours ahead of UTC
const LATEST_MS = 37 * HOUR_MS; // and at most 12 behind; a zone that crossed the date line has skipped a whole day
const PRECISION_MS = 1_000;

const formats = new Map();

/** Whether `text` is a day of the calendar, from 2000 on. A date input has smaller years while one is typed. */
export function isDay(text) {
  const midnight = /^2\d{3}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(midnight) && utcDay(midnight) === text;
}

/** The day of an instant, in milliseconds or ISO-8601. */
export function dayIn(zone, instant) {
  if (!formats.has(zone)) {
    const options = { timeZone: zone, calendar: "gregory", numberingSystem: "latn", year: "numeric", month: "2-digit", day: "2-digit" };
    formats.set(zone, new Intl.DateTimeFormat("en", options));
  }
  const parts = formats.get(zone).formatToParts(new Date(instant));
  const { year, month, day } = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${year.padStart(4, "0")}-${month}-${day}`;
}

/**
 * The first instant of `day` in ISO-8601. It is found by bisection, because no arithmetic with offsets covers days that start at
 * 01:00, offsets that change by 30 minutes, and skipped days. A skipped day starts, and ends, when the next day starts.
 */
export function startOfDay(zone, day) {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  let before = midnight - EARLIEST_MS;
  let after = midnight + LATEST_MS;
  while (after - before > PRECISION_MS) {
    const middle = before + Math.floor((after - before) / 2 / PRECISION_MS) * PRECISION_MS;
    if (dayIn(zone, middle) < day) before = middle;
    else after = middle;
  }
  return new Date(after).toISOString();
}

/** The day that is `number` days later, or earlier if it is negative. */
export const addDays = (day, number) => utcDay(Date.parse(`${day}T00:00:00Z`) + number * DAY_MS);

const utcDay = (instant) => new Date(instant).toISOString().slice(0, 10);
