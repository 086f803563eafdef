/** Sample orders, payments, captures and refunds of a test account, created with the public API. */

import { capture, createOrder, createPayment, payment, refund } from "./api.js";
import { isLive } from "./mode.js";

const POLL_MS = 1_000;
const PATIENCE_MS = 60_000; // without test mode, a payment takes up to 10 s
const NEXT_CENTURY = 2049;

const upi = (name) => ({ method: "upi", vpa: `${name}@upi` });
const card = (number) => ({
  method: "card",
  card: { number, expiry_month: 12, expiry_year: NEXT_CENTURY, cvv: "123", holder_name: "Asha Rao" },
});

/** In the order in which they are created. `then` follows the payment's success. Without test mode, outcomes are random. */
export const SAMPLES = [
  { amount: 49_900, by: upi("success"), what: "UPI, succeeds" },
  { amount: 129_900, by: card("4111111111111111"), what: "card, succeeds and is captured", then: { capture: true } },
  { amount: 250_000, by: upi("success"), what: "UPI, captured and partially refunded", then: { capture: true, refund: 50_000 } },
  { amount: 89_900, by: card("4111111111111111"), what: "card, fully refunded", then: { refund: 89_900 } },
  { amount: 1_999_900, by: card("4111111111111111"), what: "card, succeeds" },
  { amount: 75_000, by: upi("norefund"), what: "UPI, its refund fails", then: { refund: 75_000 } },
  { amount: 34_900, by: upi("failure"), what: "UPI, declined" },
  { amount: 64_900, by: card("4000000000009995"), what: "card, declined: insufficient funds" },
  { amount: 549_900, by: card("4000000000006975"), what: "card, declined: limit exceeded" },
  { amount: 99_900, by: card("4000000000000069"), what: "card, declined: expired card" },
  { amount: 150_000, by: { method: "upi", flow: "qr" }, what: "UPI QR code, waits for the buyer" },
  { amount: 219_900, by: card("4000002760003184"), what: "card, waits for the buyer's bank" },
];

/**
 * Creates what is missing of run `run`: the idempotency keys are derived from it, so that a repeated run creates nothing twice.
 * `report(done)` is called after each sample; `isStopped()` ends the run after the current sample. Returns the number of complete samples.
 */
export async function createSamples(run, { report, isStopped }) {
  if (isLive) throw new Error("Sample data can be created only in test mode.");
  const created = [];
  for (const [index, sample] of SAMPLES.entries()) {
    if (isStopped()) return index;
    created.push(await paid(sample, `${run}-${index + 1}`));
    report(index + 1);
  }
  for (const [index, sample] of SAMPLES.entries()) {
    if (isStopped()) return index;
    if (sample.then) await follow(created[index], sample.then, `${run}-${index + 1}`, isStopped);
    report(SAMPLES.length + index + 1);
  }
  return SAMPLES.length;
}

/** The number of reports of a complete run. */
export const STEPS = 2 * SAMPLES.length;

async function paid({ amount, by }, key) {
  const order = await patiently(() => createOrder({ amount, currency: "INR", receipt: `sample-${key.slice(-10)}` }, `sample-order-${key}`));
  return patiently(() => createPayment({ order_id: order.id, ...by }, `sample-payment-${key}`));
}

async function follow({ id }, then, key, isStopped) {
  const settled = await outcome(id, isStopped);
  if (settled.status !== "success") return;
  if (then.capture && !settled.captured) await patiently(() => capture(id, settled.amount));
  if (then.refund) await patiently(() => refund(id, { amount: then.refund, reason: "Sample data" }, `sample-refund-${key}`));
}

async function outcome(id, isStopped) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const now = await patiently(() => payment(id));
    if (now.status !== "pending" || isStopped() || Date.now() > deadline) return now;
    await pause(POLL_MS);
  }
}

/** `action()`, again after the pause that the rate limit asks for. */
async function patiently(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (error.status !== 429) throw error;
      await pause((error.retryAfterS ?? 1) * 1_000);
    }
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
