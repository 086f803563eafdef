/** Amounts as people read them. */

export const DEFAULT_LOCALE = "en-IN";

/**
 * @param {number} amount in minor units
 * @param {string} currency
 * @param {string} locale
 */
export function formatMoney(amount, currency, locale) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
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
