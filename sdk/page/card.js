/** Cards: what can be told of one while it is typed. The rules are the API's. */

const AMEX_GROUPS = [4, 6, 5];
const GROUPS = [4, 4, 4, 4, 3];
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
const CENTURY = 2000;

/** @typedef {"visa" | "mastercard" | "amex" | "rupay" | "unknown"} Network */

/** @param {string} text */
export const digitsOf = (text) => text.replace(/\D/g, "");

/**
 * @param {string} digits
 * @returns {Network}
 */
export function networkOf(digits) {
  if (/^4/.test(digits)) return "visa";
  if (/^5[1-5]/.test(digits)) return "mastercard";
  if (/^3[47]/.test(digits)) return "amex";
  if (/^(60|65|8[1-9])/.test(digits)) return "rupay";
  return "unknown";
}

/**
 * The number in the groups that are printed on the card.
 * @param {string} text
 */
export function formatNumber(text) {
  const digits = digitsOf(text).slice(0, MAX_DIGITS);
  const parts = [];
  let start = 0;
  for (const size of networkOf(digits) === "amex" ? AMEX_GROUPS : GROUPS) {
    parts.push(digits.slice(start, start + size));
    start += size;
  }
  return [...parts, digits.slice(start)].filter(Boolean).join(" ");
}

/**
 * MM/YY of whatever was typed or filled in: 5/29, 0529, 05/2029.
 * @param {string} text
 */
export function formatExpiry(text) {
  const [, month = "", rest] = /^\s*(\d)\s*\/(.*)$/.exec(text) ?? [];
  let digits = month ? `0${month}${digitsOf(rest ?? "")}` : digitsOf(text);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  const year = formatYear(digits.slice(2));
  return year ? `${digits.slice(0, 2)}/${year}` : digits;
}

/**
 * Two digits; of a year that is being written in full, all so far.
 * @param {string} digits
 */
function formatYear(digits) {
  if (/^20\d\d/.test(digits)) return digits.slice(2, 4);
  return digits.slice(0, digits.startsWith("20") ? 3 : 2);
}

/** @param {string} digits */
export const isWholeNumber = (digits) =>
  digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && passesLuhn(digits);

/** @param {string} text MM/YY */
export function parseExpiry(text) {
  const [, month, year] = /^(\d\d)\/(\d\d)$/.exec(text) ?? [];
  return month && year && Number(month) >= 1 && Number(month) <= 12 ? { month, year } : null;
}

/**
 * Whether the month is over; as for the API, by the calendar of UTC.
 * @param {{month: string, year: string}} expiry
 * @param {Date} now
 */
export const isPast = ({ month, year }, now) =>
  Date.UTC(CENTURY + Number(year), Number(month)) <= now.getTime(); // a Date's months begin at 0: this is the next one

/** @param {string} digits */
function passesLuhn(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}
