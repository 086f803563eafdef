/** The currencies of refunds, taken from their payments. */

import { payment } from "./api.js";

const known = new Map();

/** The refunds with their `currency`. Each payment is requested once, because its currency never changes. */
export function withCurrency(refunds) {
  return Promise.all(refunds.map(async (refund) => ({ ...refund, currency: await currencyOf(refund) })));
}

async function currencyOf(refund) {
  if (refund.currency) return refund.currency;
  if (!known.has(refund.payment_id)) {
    const asked = payment(refund.payment_id).then(({ currency }) => currency);
    known.set(refund.payment_id, asked);
    asked.catch(() => known.delete(refund.payment_id));
  }
  return known.get(refund.payment_id);
}
