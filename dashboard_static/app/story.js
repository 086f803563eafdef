/** The history of one payment: its steps in order, each with its webhooks. */

import { order, payment, refunds, webhook, webhooks } from "./api.js";

const MAX_REFUNDS = 100;
const MAX_WEBHOOKS = 100;

/** The payment, its order's receipt, its refunds, and its steps `{name, at, refund, logs}`. `seen` caches logs and the receipt between loads. */
export async function loadStory(id, seen, signal) {
  const [paid, returned, listed] = await Promise.all([
    payment(id, signal),
    refunds({ payment_id: id, limit: MAX_REFUNDS }, signal),
    webhooks({ payment_id: id, limit: MAX_WEBHOOKS }, signal),
  ]);
  const logs = await Promise.all(listed.data.map((line) => detailed(line, seen, signal)));
  if (!seen.has(paid.order_id)) seen.set(paid.order_id, (await order(paid.order_id, signal)).receipt); // it never changes
  const receipt = seen.get(paid.order_id);
  return { payment: paid, receipt, refunds: returned.data, steps: steps(paid, returned.data, logs) };
}

/** The complete log of a list item. It is requested again only after another attempt. */
async function detailed(line, seen, signal) {
  if (seen.get(line.id)?.last_attempt_at !== line.last_attempt_at) seen.set(line.id, await webhook(line.id, signal));
  return { ...seen.get(line.id), ...line };
}

function steps(paid, returned, logs) {
  const logsOf = (events, refund) =>
    logs.filter(({ event, payload }) => events.includes(event) && payload.data.refund?.id === refund?.id).toReversed();
  const step = (name, at, event, refund) => ({ name, at, refund, logs: logsOf([event], refund) });

  const first = [{ name: "created", at: paid.created_at, logs: logsOf(["payment.created", "payment.pending"]) }];
  if (paid.status !== "pending") first.push(step(paid.status, paid.settled_at, `payment.${paid.status}`));
  const then = paid.captured ? [step("captured", paid.captured_at, "payment.captured")] : [];
  if (paid.voided_at) then.push(step("voided", paid.voided_at, "payment.voided"));
  for (const refund of returned) {
    const { status, created_at: made, processed_at: ended } = refund;
    then.push(step("refund.created", made, "refund.created", refund));
    if (status !== "pending") then.push(step(`refund.${status}`, ended, `refund.${status}`, refund));
  }
  then.sort((one, other) => one.at.localeCompare(other.at)); // times of one format sort as text
  return [...first, ...then];
}
