/** The meanings of a searched text. */

import { minorUnits, money } from "./format.js";
import { CARD_NUMBER, isCardNumber } from "./card-number.js";
import { MINOR_UNITS } from "../shared/currencies.js";

const MAX_CHARS = 255; // of a receipt, which is the longest text that can be found
const SHOWN_CHARS = 60;
const NAMES = { pay: "payment", order: "order", rfnd: "refund" };
const ID = /^(pay|order|rfnd)_[A-Za-z0-9]{16}$/;
const PREFIX = /^(pay|order|rfnd)_/;
const VPA = /^[a-zA-Z0-9._-]+@[a-zA-Z0-9]+$/;
const LAST4 = /^[0-9]{4}$/;
const AMOUNT = /^([^0-9]*)([0-9][0-9,]*(?:[.][0-9]+)?)([^0-9]*)$/;
const GROUPED = /^[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:[.]|$)/; // 1,499.50 and 1,00,000
const SYMBOLS = { "₹": "INR", RS: "INR", "RS.": "INR", $: "USD", "€": "EUR", "£": "GBP", "¥": "JPY" };

/**
 * What `text` can mean: `{ problem }` if it cannot be searched, else `{ id, note, searches, amount }`. `id` is `{ kind, id }` of an
 * exact id. `searches` are those of lists: `{ kind, filters, title, accepts(item) }`. `amount` is an argument of `amountSearches`.
 */
export function understand(text) {
  if (isCardNumber(text)) return { problem: CARD_NUMBER };
  const length = [...text].length;
  if (length > MAX_CHARS) return { problem: `Search for at most ${MAX_CHARS} characters. This text has ${length}.` };
  const searches = [search("orders", { receipt: text }, `Orders with the receipt “${shortened(text)}”`)];
  const kind = NAMES[ID.exec(text)?.[1]];
  if (kind) return { id: { kind, id: text }, searches };
  if (VPA.test(text)) searches.push(search("payments", { vpa: text }, `Payments from the VPA ${shortened(text)}`));
  if (LAST4.test(text)) searches.push(search("payments", { card_last4: text }, `Payments with a card that ends with ${text}`));
  return { note: noteOf(text), searches, amount: amountOf(text) };
}

/** The searches of an amount `{ number, currency }`; without a currency, in each of `currencies`. */
export function amountSearches({ number, currency }, currencies) {
  const codesOf = new Map();
  for (const code of currency ? [currency] : currencies) {
    const amount = minorUnits(number, code);
    if (amount && Number.isSafeInteger(amount)) codesOf.set(amount, [...(codesOf.get(amount) ?? []), code]);
  }
  return [...codesOf].map(([amount, codes]) => ({
    ...search("payments", { amount }, `Payments of ${codes.map((code) => money(amount, code)).join(" or ")}`),
    accepts: (payment) => codes.includes(payment.currency), // the filter of the API is the number only
  }));
}

/** `text`, at most SHOWN_CHARS long, for headings. */
export function shortened(text) {
  const characters = [...text];
  return characters.length > SHOWN_CHARS ? `${characters.slice(0, SHOWN_CHARS).join("")}…` : text;
}

const search = (kind, filters, title) => ({ kind, filters, title, accepts: () => true });

function noteOf(text) {
  const prefix = PREFIX.exec(text)?.[1];
  return prefix && `This is not a complete id: the id of ${prefix === "order" ? "an" : "a"} ${NAMES[prefix]} is ${prefix}_ and 16 letters or digits.`;
}

/** `₹1,499.50` as `{ number: "1499.50", currency: "INR" }`; the currency is undefined if there is none. */
function amountOf(text) {
  const [, before, number, after] = AMOUNT.exec(text) ?? [];
  if (!number || (number.includes(",") && !GROUPED.test(number))) return undefined;
  const unit = (before + after).trim().toUpperCase();
  const currency = SYMBOLS[unit] ?? (MINOR_UNITS.has(unit) ? unit : undefined);
  if (unit && !currency) return undefined;
  return { number: number.replaceAll(",", ""), currency };
}
