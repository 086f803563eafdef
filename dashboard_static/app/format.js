/** Formats for money and numbers. Times are in `times.js`. */

import { decimal, formatMoney, fractionDigits } from "../shared/money.js";

/** Minor units in the format of input fields: `499.50`. */
export { decimal as typedAmount };

/** Currencies with a fixed locale, whose grouping all users know: ₹5,00,000.00. Others use the viewer's locale. */
const HOME = { INR: "en-IN" };

const cache = new Map();

/** Caches formatters, because creating one is slow. */
function kept(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}

/** An amount in minor units. */
export const money = (amount, currency) => formatMoney(amount, currency, HOME[currency]);

/** A short, rounded amount: ₹5L. */
export function shortMoney(amount, currency) {
  const format = kept(
    `short ${currency}`,
    () => new Intl.NumberFormat(HOME[currency], { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 }),
  );
  return format.format(amount / 10 ** fractionDigits(currency));
}

/** The minor units of a typed amount such as `500` or `499.50`; null if it is not valid. */
export function minorUnits(text, currency) {
  const digits = fractionDigits(currency);
  const [, whole, fraction = ""] = /^\s*(\d{1,20})(?:[.](\d+))?\s*$/.exec(text) ?? [];
  if (!whole || fraction.length > digits) return null;
  return Number(BigInt(whole + fraction.padEnd(digits, "0"))); // exact up to the largest amount; larger values are still too large after rounding
}

const NETWORKS = { visa: "Visa", mastercard: "Mastercard", amex: "Amex", rupay: "RuPay", unknown: "Card" };

/** The payment method: the VPA, or the network and last digits of the card, if the gateway knows them. */
export function paidWith({ method, vpa, card_network: network, card_last4: last4 }) {
  if (!vpa && !last4) return method === "card" ? "entered at the acquirer" : "link or QR code";
  return vpa ?? `${NETWORKS[network]} ·· ${last4}`;
}

export function count(number) {
  return kept("count", () => new Intl.NumberFormat()).format(number);
}

/** A share from 0 to 1; a dash if there is none. */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  return kept("percent", () => new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 })).format(share);
}
