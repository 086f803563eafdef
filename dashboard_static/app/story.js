/** The story of one payment: what happened to it, in order, and the webhooks that told of it. */

import { payment, refunds, webhook, webhooks } from "./api.js";

const MAX_REFUNDS = 100;
const MAX_WEBHOOKS = 50;

/** The payment, its refunds, and the steps `{name, at, refund, logs}`; `at` is null where it was not kept. */
export async function loadStory(id, signal) {
  const [paid, returned, owed] = await Promise.all([
    payment(id, signal),
    refunds({ payment_id: id, limit: MAX_REFUNDS }, signal),
    webhooks({ payment_id: id, limit: MAX_WEBHOOKS }, signal),
  ]);
  const logs = (await Promise.all(owed.data.map((log) => detail(log, signal)))).filter((log) => isAbout(log, id));
  const mine = returned.data.filter((refund) => refund.payment_id === id);
  return { payment: paid, refunds: mine, logs, steps: steps(paid, mine, logs) };
}

/** An API from before the filter gives the logs of all payments. */
function isAbout(log, id) {
  return log.payload.data.payment.id === id;
}

const details = new Map();

/** A log with its attempts; what did not change since the last time is not asked for again. */
async function detail(log, signal) {
  const version = JSON.stringify(log);
  const kept = details.get(log.id);
  if (kept?.version === version) return kept.log;
  const full = await webhook(log.id, signal);
  details.set(log.id, { version, log: full });
  return full;
}

function steps(paid, returned, logs) {
  const told = (event, refundId) =>
    logs.filter((log) => log.event === event && log.payload.data.refund?.id === refundId);
  const when = (event, refundId, otherwise) => told(event, refundId)[0]?.created_at ?? otherwise;
  const found = [
    { name: "created", at: paid.created_at, logs: [...told("payment.created"), ...told("payment.pending")] },
  ];
  if (paid.status !== "pending") {
    const event = `payment.${paid.status}`;
    const isLast = !paid.captured && !returned.length;
    found.push({ name: paid.status, at: when(event, undefined, isLast ? paid.updated_at : null), logs: told(event) });
  }
  if (paid.captured) {
    const at = when("payment.captured", undefined, returned.length ? null : paid.updated_at);
    found.push({ name: "captured", at, logs: told("payment.captured") });
  }
  for (const refund of returned.toReversed()) {
    found.push({ name: "refund.created", at: refund.created_at, refund, logs: told("refund.created", refund.id) });
    if (refund.status === "pending") continue;
    const event = `refund.${refund.status}`;
    found.push({ name: event, at: refund.processed_at ?? when(event, refund.id, null), refund, logs: told(event, refund.id) });
  }
  return inOrder(found);
}

/** By time; a step whose time is not known stays behind the one that it followed. */
function inOrder(found) {
  let latest = "";
  const timed = found.map((step) => ({ step, key: (latest = step.at ?? latest) }));
  return timed.sort((one, other) => one.key.localeCompare(other.key)).map(({ step }) => step);
}
