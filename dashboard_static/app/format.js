/** Money and numbers as people read them. Times are in `times.js`. */

import { decimal, formatMoney, fractionDigits } from "../shared/money.js";

/** Minor units as they are typed in: `499.50`. */
export { decimal as typedAmount };

/** Where a currency is at home, its grouping is known to all who use it: ₹5,00,000.00. Others go by the viewer's locale. */
const HOME = { INR: "en-IN" };

const cache = new Map();

/** A formatter is costly to make: one for each kind. */
function kept(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}

/** An amount in minor units. */
export const money = (amount, currency) => formatMoney(amount, currency, HOME[currency]);

/** The same in little space, rounded: ₹5L. */
export function shortMoney(amount, currency) {
  const format = kept(
    `short ${currency}`,
    () => new Intl.NumberFormat(HOME[currency], { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 }),
  );
  return format.format(amount / 10 ** fractionDigits(currency));
}

/** The minor units of an amount that was typed in, such as `500` or `499.50`; null when it is not one. */
export function minorUnits(text, currency) {
  const digits = fractionDigits(currency);
  const [, whole, fraction = ""] = /^\s*(\d{1,20})(?:[.](\d+))?\s*$/.exec(text) ?? [];
  if (!whole || fraction.length > digits) return null;
  return Number(BigInt(whole + fraction.padEnd(digits, "0"))); // exact as far as amounts go, beyond it still too much
}

const NETWORKS = { visa: "Visa", mastercard: "Mastercard", amex: "Amex", rupay: "RuPay", unknown: "Card" };

/** What a payment was made with: its VPA, or network and last digits of its card. */
export function paidWith({ vpa, card_network: network, card_last4: last4 }) {
  return vpa ?? `${NETWORKS[network]} ·· ${last4}`;
}

export function count(number) {
  return kept("count", () => new Intl.NumberFormat()).format(number);
}

/** A share from 0 to 1; a dash when there is none. */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  return kept("percent", () => new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 })).format(share);
}
