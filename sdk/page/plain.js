/** Converts text from any keyboard or script to the characters that the API accepts. */

const FULL_WIDTH = 0xfee0; // from "！" to "!", and so on

/**
 * Digits of every script become 0 to 9, full-width characters and every kind of dash and space become the ASCII
 * ones, and invisible characters are dropped.
 * @param {string} text
 */
export const plain = (text) =>
  text
    .replace(/\p{Cf}/gu, "")
    .replace(/[！-～]/g, (each) => String.fromCharCode(each.charCodeAt(0) - FULL_WIDTH))
    .replace(/\p{Nd}/gu, digitOf)
    .replace(/[\p{Pd}\u2212]/gu, "-")
    .replace(/\s+/g, " ")
    .trim();

/**
 * In Unicode, the digits of each script are ten consecutive characters, starting with zero.
 * @param {string} character
 */
function digitOf(character) {
  let value = -1;
  for (let code = character.codePointAt(0) ?? 0; /\p{Nd}/u.test(String.fromCodePoint(code)); code--) value++;
  return String(value % 10);
}
