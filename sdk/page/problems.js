/**
 * Error messages for the buyer's input; empty if the input is valid. The API checks whether a card has expired, because
 * the buyer's clock may be wrong.
 */

import { digitsOf, isWholeNumber, networkOf } from "./card.js";
import { readExpiry } from "./expiry.js";
import { plain } from "./plain.js";

const VPA = /^[a-zA-Z0-9._-]+@[a-zA-Z0-9]+$/;

export const VPA_PROBLEM = "Enter a UPI ID such as name@bank.";
export const NUMBER_PROBLEM = "This number is not complete, or has a typing error.";
export const NAME_PROBLEM = "Enter the name on the card.";
export const CVV_PROBLEM = "Enter the 3 digits.";
export const EXPIRED_PROBLEM = "This card has expired.";
export const NUMBER_AS_NAME_PROBLEM = "This looks like a card number. Enter the name on the card.";

/** @param {string} text */
export function vpaProblem(text) {
  if (!text) return "Enter your UPI ID.";
  return VPA.test(plain(text)) && !holdsNumber(plain(text)) ? "" : VPA_PROBLEM;
}

/** @param {string} text */
export function numberProblem(text) {
  if (!text) return "Enter the card number.";
  return isWholeNumber(digitsOf(text)) ? "" : NUMBER_PROBLEM;
}

/** @param {string} text */
export function expiryProblem(text) {
  const read = readExpiry(text);
  return typeof read === "string" ? read : "";
}

/**
 * @param {string} text
 * @param {string} number the card number; its network determines the number of digits
 */
export function cvvProblem(text, number) {
  const network = networkOf(digitsOf(number));
  if (network === "amex") return /^\d{4}$/.test(text) ? "" : "Enter the 4 digits.";
  if (network === "unknown") return /^\d{3,4}$/.test(text) ? "" : "Enter 3 or 4 digits.";
  return /^\d{3}$/.test(text) ? "" : CVV_PROBLEM;
}

/** @param {string} text */
export function nameProblem(text) {
  if (!text) return NAME_PROBLEM;
  return holdsNumber(plain(text)) ? NUMBER_AS_NAME_PROBLEM : "";
}

/**
 * Whether the text contains a card number. The API makes the final decision.
 * @param {string} text
 */
const holdsNumber = (text) => (text.match(/\d(?:[\s._-]{0,3}\d)*/g) ?? []).some((run) => isWholeNumber(digitsOf(run)));
