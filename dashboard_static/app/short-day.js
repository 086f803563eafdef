/** Days of the statistics, which are UTC days. */

let format; // creating it is slow

/** A day such as `2026-03-14` as `14 Mar`. */
export function shortDay(day) {
  format ??= new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
  return format.format(new Date(`${day}T00:00:00Z`));
}
