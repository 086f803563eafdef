/** Checks of card numbers during input. The rules are those of the API. */

import { plain } from "./plain.js";

const AMEX_GROUPS = [4, 6, 5];
const GROUPS = [4, 4, 4, 4, 3];
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;

/** @typedef {"visa" | "mastercard" | "amex" | "rupay" | "unknown"} Network */

/**
 * The digits of a number in groups, with any text around it. Empty if the text has other digits, such as a date, which
 * must not become part of the number.
 * @param {string} text
 */
export const digitsOf = (text) => /^\D*(\d[\d .-]*)\D*$/.exec(plain(text))?.[1]?.replace(/\D/g, "") ?? "";

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
 * The number in the groups that are printed on the card. Keeps all digits.
 * @param {string} text
 */
export function formatNumber(text) {
  const digits = digitsOf(text);
  if (!digits) return text;
  const parts = [];
  let start = 0;
  for (const size of networkOf(digits) === "amex" ? AMEX_GROUPS : GROUPS) {
    parts.push(digits.slice(start, start + size));
    start += size;
  }
  return [...parts, digits.slice(start)].filter(Boolean).join(" ");
}

/** @param {string} digits */
export const isWholeNumber = (digits) =>
  digits.length >= MIN_DIGITS && digits.length <= MAX_DIGITS && passesLuhn(digits);

/** @param {string} digits */
function passesLuhn(digits) {
  let sum = 0;
  [...digits].reverse().forEach((digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
}
