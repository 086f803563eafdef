/** Money and numbers as people read them, by `Intl`. Times are in `times.js`. */

/** Where a currency is at home, its grouping is known to all who use it: ₹5,00,000.00. Others go by the viewer's locale. */
const HOME = { INR: "en-IN" };

const cache = new Map();

/** A formatter is costly to make: one for each kind. */
function kept(key, make) {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key);
}

function currencyFormat(currency) {
  return kept(`money ${currency}`, () => new Intl.NumberFormat(HOME[currency], { style: "currency", currency }));
}

/** How many digits of a currency's amounts are behind the point: 2 for INR, 0 for JPY. */
export function fractionDigits(currency) {
  return currencyFormat(currency).resolvedOptions().maximumFractionDigits;
}

/** An amount in minor units. */
export function money(amount, currency) {
  return currencyFormat(currency).format(amount / 10 ** fractionDigits(currency));
}

/** The same in little space: ₹5L. */
export function shortMoney(amount, currency) {
  const format = kept(
    `short ${currency}`,
    () => new Intl.NumberFormat(HOME[currency], { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 }),
  );
  return format.format(amount / 10 ** fractionDigits(currency));
}

/** The minor units of an amount that was typed in, such as `500` or `499.50`; null when it is none. */
export function minorUnits(text, currency) {
  const digits = fractionDigits(currency);
  const found = /^\s*(\d{1,12})(?:[.](\d+))?\s*$/.exec(text);
  if (!found || (found[2] ?? "").length > digits) return null;
  return Number(found[1] + (found[2] ?? "").padEnd(digits, "0"));
}

/** Minor units as they are typed in: `499.50`. */
export function typedAmount(amount, currency) {
  return (amount / 10 ** fractionDigits(currency)).toFixed(fractionDigits(currency));
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
