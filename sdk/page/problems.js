/**
 * The keys of the error messages for the buyer's input; empty if the input is valid. The API checks whether a card has expired, because
 * the buyer's clock may be wrong.
 */

import { digitsOf, isWholeNumber, networkOf } from "./card.js";
import { readExpiry } from "./expiry.js";
import { plain } from "./plain.js";

/** @typedef {import("./language.js").Key | ""} Problem */

const VPA = /^[a-zA-Z0-9._-]+@[a-zA-Z0-9]+$/;

/**
 * @param {string} text
 * @returns {Problem}
 */
export function vpaProblem(text) {
  if (!text) return "vpa_missing";
  return VPA.test(plain(text)) && !holdsNumber(plain(text)) ? "" : "vpa_wrong";
}

/**
 * @param {string} text
 * @returns {Problem}
 */
export function numberProblem(text) {
  if (!text) return "number_missing";
  return isWholeNumber(digitsOf(text)) ? "" : "number_wrong";
}

/**
 * @param {string} text
 * @returns {Problem}
 */
export function expiryProblem(text) {
  const read = readExpiry(text);
  return typeof read === "string" ? read : "";
}

/**
 * @param {string} text
 * @param {string} number the card number; its network determines the number of digits
 * @returns {Problem}
 */
export function cvvProblem(text, number) {
  const network = networkOf(digitsOf(number));
  if (network === "amex") return /^\d{4}$/.test(text) ? "" : "cvv_4";
  if (network === "unknown") return /^\d{3,4}$/.test(text) ? "" : "cvv_3_or_4";
  return /^\d{3}$/.test(text) ? "" : "cvv_3";
}

/**
 * @param {string} text
 * @returns {Problem}
 */
export function nameProblem(text) {
  if (!text) return "name_missing";
  return holdsNumber(plain(text)) ? "name_is_number" : "";
}

/**
 * Whether the text contains a card number. The API makes the final decision.
 * @param {string} text
 */
const holdsNumber = (text) => (text.match(/\d(?:[\s._-]{0,3}\d)*/g) ?? []).some((run) => isWholeNumber(digitsOf(run)));
