/** Detects a card number in a searched text: it must not become part of an address or a request. */

const SEPARATORS = /[\s._\u2010-\u2015\u2212-]/gu;
// The prefixes and lengths of the numbers that card networks issue, as in chalicelib/domain/card_number.py.
const ISSUED = new RegExp(
  "^(?:4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})" + // Visa
    "|5[0-9]{15,18}|2[2-7][0-9]{14}" + // Mastercard, Maestro
    "|3[47][0-9]{13}|3[0689][0-9]{12,17}|35[0-9]{14,17}" + // American Express, Diners Club, JCB
    "|6[0-9]{15,18}|8[1-9][0-9]{14})$", // RuPay, Discover, UnionPay, Maestro
);

export const CARD_NUMBER = "This is a card number. Search by its last four digits instead.";

/** Whether `text` is a card number, also with spaces or dashes. */
export function isCardNumber(text) {
  const digits = text.replace(SEPARATORS, "");
  return ISSUED.test(digits) && passesLuhn(digits);
}

function passesLuhn(digits) {
  const values = [...digits].reverse().map((digit, index) => (index % 2 ? "0246813579"[digit] : digit));
  return values.reduce((sum, value) => sum + Number(value), 0) % 10 === 0;
}
