/** What is wrong with what the buyer typed, in words for the buyer; nothing wrong is an empty text. */

import { digitsOf, isPast, isWholeNumber, networkOf, parseExpiry } from "./card.js";

const VPA = /^[a-zA-Z0-9._-]+@[a-zA-Z0-9]+$/;

export const VPA_PROBLEM = "Enter a UPI ID such as name@bank.";
export const NUMBER_PROBLEM = "This number is not complete, or has a typing error.";
export const CVV_PROBLEM = "Enter the 3 digits.";
export const EXPIRED_PROBLEM = "This card has expired.";
export const NAME_PROBLEM = "This looks like a card number. Enter the name on the card.";

/** @param {string} text */
export function vpaProblem(text) {
  if (!text) return "Enter your UPI ID.";
  return VPA.test(text) && !holdsNumber(text) ? "" : VPA_PROBLEM;
}

/** @param {string} text */
export function numberProblem(text) {
  if (!text) return "Enter the card number.";
  return isWholeNumber(digitsOf(text)) ? "" : NUMBER_PROBLEM;
}

/**
 * @param {string} text
 * @param {Date} now
 */
export function expiryProblem(text, now) {
  const expiry = parseExpiry(text);
  if (!expiry) return "Enter it as MM/YY.";
  return isPast(expiry, now) ? EXPIRED_PROBLEM : "";
}

/**
 * @param {string} text
 * @param {string} number the card's, whose network says how many digits there are
 */
export function cvvProblem(text, number) {
  const network = networkOf(digitsOf(number));
  if (network === "amex") return /^\d{4}$/.test(text) ? "" : "Enter the 4 digits.";
  if (network === "unknown") return /^\d{3,4}$/.test(text) ? "" : "Enter 3 or 4 digits.";
  return /^\d{3}$/.test(text) ? "" : CVV_PROBLEM;
}

/** @param {string} text */
export function nameProblem(text) {
  if (!text) return "Enter the name on the card.";
  return holdsNumber(text) ? NAME_PROBLEM : "";
}

/**
 * Whether digits in it, taken together, are those of a card. The API looks closer.
 * @param {string} text
 */
const holdsNumber = (text) => (text.match(/\d(?:[\s._-]{0,3}\d)*/g) ?? []).some((run) => isWholeNumber(digitsOf(run)));
