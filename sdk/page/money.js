/**
 * Formats amounts, exactly up to 2^53 - 1. The number of decimal digits follows ISO 4217, because `Intl` differs for
 * many currencies and between browsers. `Intl` adds grouping and the symbol.
 */

import { MINOR_UNITS } from "./currencies.js";

export const DEFAULT_LOCALE = "en-IN";

const USUAL_DIGITS = 2; // also for codes that are not in ISO 4217, which old orders may have

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * The number of decimal digits of a currency.
 * @param {string} currency
 */
export const fractionDigits = (currency) => MINOR_UNITS.get(currency) ?? USUAL_DIGITS;

/**
 * Minor units as a decimal text in major units: `499.50`.
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
 * The locale if it is valid, else the default.
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
 * Caches formats, because creating one is slow.
 * @param {string} name
 * @param {string | undefined} locale
 * @param {Intl.NumberFormatOptions} options
 */
function kept(name, locale, options) {
  const format = formats.get(name) ?? new Intl.NumberFormat(locale, options);
  formats.set(name, format);
  return format;
}
