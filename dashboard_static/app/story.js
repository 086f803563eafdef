/** The story of one payment: what happened to it, in order, and the webhooks that told of it. */

import { payment, refunds, webhook, webhooks } from "./api.js";

const MAX_REFUNDS = 100;
const MAX_WEBHOOKS = 100;

/** The payment and its steps `{name, at, refund, logs}`. `seen` keeps logs from one load to the next. */
export async function loadStory(id, seen, signal) {
  const [paid, returned, owed] = await Promise.all([
    payment(id, signal),
    refunds({ payment_id: id, limit: MAX_REFUNDS }, signal),
    webhooks({ payment_id: id, limit: MAX_WEBHOOKS }, signal),
  ]);
  const logs = await Promise.all(owed.data.map((line) => detailed(line, seen, signal)));
  return { payment: paid, steps: steps(paid, returned.data, logs) };
}

/** A line of the list with what it leaves out, which is asked for again only when another attempt was made. */
async function detailed(line, seen, signal) {
  if (seen.get(line.id)?.last_attempt_at !== line.last_attempt_at) seen.set(line.id, await webhook(line.id, signal));
  return { ...seen.get(line.id), ...line };
}

function steps(paid, returned, logs) {
  const told = (events, refund) =>
    logs.filter(({ event, payload }) => events.includes(event) && payload.data.refund?.id === refund?.id).toReversed();
  const step = (name, at, event, refund) => ({ name, at, refund, logs: told([event], refund) });

  const first = [{ name: "created", at: paid.created_at, logs: told(["payment.created", "payment.pending"]) }];
  if (paid.status !== "pending") first.push(step(paid.status, paid.settled_at, `payment.${paid.status}`));
  const then = paid.captured ? [step("captured", paid.captured_at, "payment.captured")] : [];
  for (const refund of returned) {
    const { status, created_at: made, processed_at: ended } = refund;
    then.push(step("refund.created", made, "refund.created", refund));
    if (status !== "pending") then.push(step(`refund.${status}`, ended, `refund.${status}`, refund));
  }
  then.sort((one, other) => one.at.localeCompare(other.at)); // times of one form sort as text
  return [...first, ...then];
}
