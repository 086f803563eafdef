/** An order with its payments, their refunds, and its sums. */

import { order, payments, refunds } from "./api.js";

const PAGE = 100;

/** `{ order, payments: [{ payment, refunds }], sums: { paid, refunded, net } }`, payments and refunds newest first. */
export async function loadOrder(id, signal) {
  const [found, paid] = await Promise.all([order(id, signal), all(payments, { order_id: id }, signal)]);
  const lines = await Promise.all(
    paid.map(async (payment) => ({
      payment,
      refunds: payment.status === "success" ? await all(refunds, { payment_id: payment.id }, signal) : [],
    })),
  );
  return { order: found, payments: lines, sums: sumsOf(paid) };
}

/** In minor units of the order's currency. Voided payments do not count; pending refunds count as refunded. */
export function sumsOf(payments) {
  const counted = payments.filter(({ status, voided_at }) => status === "success" && !voided_at);
  const paid = counted.reduce((sum, { amount }) => sum + amount, 0);
  const refunded = counted.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);
  return { paid, refunded, net: paid - refunded };
}

/** All pages of a list; an order has few payments, and a payment few refunds. */
async function all(load, filters, signal) {
  const items = [];
  for (let cursor; ; ) {
    const page = await load({ ...filters, limit: PAGE, cursor }, signal);
    items.push(...page.data);
    if (!page.next_cursor) return items;
    cursor = page.next_cursor;
  }
}
