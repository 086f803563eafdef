/**
 * Parses expiry dates in every format that users paste or browsers fill in, or rejects them with a reason. Ambiguous
 * text is rejected, because with a wrong date, the buyer's bank would decline a valid card.
 */

import { plain } from "./plain.js";

/** @typedef {{month: string, year: string}} Expiry two digits each */
/** @typedef {typeof FORM_PROBLEM | typeof MONTH_PROBLEM | typeof YEAR_PROBLEM} Problem */

export const FORM_PROBLEM = /** @type {const} */ ("expiry_form");
export const MONTH_PROBLEM = /** @type {const} */ ("expiry_month");
export const YEAR_PROBLEM = /** @type {const} */ ("expiry_year");

const LABEL = /^(card )?(exp(iry|ires|iration)?( date)?|valid( thru| through| till| until| to)?|good thru|mm ?\/ ?yy(yy)?)/i;
const JUNK = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;
const SEPARATED = /^(\d+)[ /.,:_|\\-]+(\d+)$/;
const MONTH = /^(0?[1-9]|1[0-2])$/;
const YEAR = /^(20)?\d\d$/;

/**
 * @param {string} text
 * @returns {Expiry | Problem} the date, or the key of the problem with the text
 */
export function readExpiry(text) {
  const bare = plain(text).replace(JUNK, "").replace(LABEL, "").replace(JUNK, "");
  const [, one = "", other = ""] = SEPARATED.exec(bare) ?? halves(bare);
  const yearFirst = /^\d{4}$/.test(one);
  const [month, year] = yearFirst ? [other, one] : [one, other];
  if (!/^\d{1,2}$/.test(month) || !/^(\d\d){1,2}$/.test(year)) return FORM_PROBLEM;
  if (!MONTH.test(month)) return MONTH_PROBLEM;
  if (!YEAR.test(year)) return YEAR_PROBLEM;
  return { month: month.padStart(2, "0"), year: year.slice(-2) };
}

/**
 * Digits without a separator: MMYY, MMYYYY or YYYYMM. Three digits are ambiguous.
 * @param {string} digits
 */
function halves(digits) {
  return /^(20\d\d)(\d\d)$/.exec(digits) ?? /^(\d\d)(\d\d|\d{4})$/.exec(digits) ?? [];
}

/**
 * The text as MM/YY, if this does not change a digit.
 * @param {string} text
 * @param {boolean} isTyped key by key, so that incomplete text is not parsed as a date
 */
export function formatExpiry(text, isTyped) {
  const bare = plain(text);
  if (isTyped && /^[2-9]$/.test(bare)) return `0${bare}`;
  if (isTyped && /^\d{3,4}$/.test(bare) && MONTH.test(bare.slice(0, 2))) return `${bare.slice(0, 2)}/${bare.slice(2)}`;
  const expiry = isTyped && bare.length < "MM/YYYY".length ? "" : readExpiry(bare);
  return typeof expiry === "object" ? `${expiry.month}/${expiry.year}` : bare;
}
