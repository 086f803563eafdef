/**
 * Amounts as people read them, exact up to 2^53 - 1. The digits after the decimal point are those of ISO 4217: the
 * ones of `Intl` differ for many currencies, and from browser to browser. `Intl` groups, and writes the symbol.
 */

import { MINOR_UNITS } from "./currencies.js";

export const DEFAULT_LOCALE = "en-IN";

const USUAL_DIGITS = 2; // also for a code that ISO 4217 does not have, as an old order may have

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * How many digits a currency has after the decimal point.
 * @param {string} currency
 */
export const fractionDigits = (currency) => MINOR_UNITS.get(currency) ?? USUAL_DIGITS;

/**
 * Minor units in major ones, as text: `499.50`.
 * @param {number} amount
 * @param {string} currency
 */
export function decimal(amount, currency) {
  const [whole, fraction] = split(amount, currency);
  return fraction ? `${whole}.${fraction}` : whole;
}

/**
 * @param {number} amount in minor units
 * @param {string} currency
 * @param {string} [locale] the browser's, if none is given
 */
export function formatMoney(amount, currency, locale) {
  const [whole, fraction] = split(amount, currency);
  return moneyFormat(currency, locale)
    .formatToParts(BigInt(whole))
    .map(({ type, value }) => (type === "fraction" ? localDigits(fraction, locale) : value))
    .join("");
}

/**
 * The locale when there is such a thing; else the default.
 * @param {unknown} locale
 */
export function knownLocale(locale) {
  try {
    return Intl.getCanonicalLocales(/** @type {string} */ (locale))[0] ?? DEFAULT_LOCALE;
  } catch {
    return DEFAULT_LOCALE;
  }
}

/**
 * The digits before and after the decimal point.
 * @param {number} amount
 * @param {string} currency
 * @returns {[string, string]}
 */
function split(amount, currency) {
  const digits = fractionDigits(currency);
  const text = BigInt(amount).toString().padStart(digits + 1, "0");
  return [text.slice(0, text.length - digits), text.slice(text.length - digits)];
}

/**
 * @param {string} currency
 * @param {string | undefined} locale
 */
function moneyFormat(currency, locale) {
  const digits = fractionDigits(currency);
  const options = { currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return kept(`${currency} ${locale}`, locale, { style: "currency", ...options });
}

/**
 * @param {string} fraction
 * @param {string | undefined} locale
 */
function localDigits(fraction, locale) {
  const options = { minimumIntegerDigits: fraction.length, useGrouping: false };
  return kept(`${fraction.length} ${locale}`, locale, options).format(BigInt(fraction));
}

/**
 * A format is slow to make: one of each kind.
 * @param {string} name
 * @param {string | undefined} locale
 * @param {Intl.NumberFormatOptions} options
 */
function kept(name, locale, options) {
  const format = formats.get(name) ?? new Intl.NumberFormat(locale, options);
  formats.set(name, format);
  return format;
}
