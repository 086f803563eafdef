/** The outcome of a payment for the buyer, and for the shop's callbacks. */

import { failureMessage, text, translationOfPage } from "./language.js";

/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {{title: string, message: string}} Problem */
/** @typedef {Problem & {next: string, isFinal: boolean, retryLabel: string}} Failure final if the method fails again */

/**
 * Why the checkout could not start, for the shop's developer. `code` is the API's; `cause` is exact.
 * @typedef {{code: string, message: string, cause: string}} Cause
 */

const WITH_ADVICE = ["never", "other_method", "later"];

/**
 * @param {Payment} payment
 * @returns {Promise<Failure>}
 */
export async function failureText(payment) {
  const advice = await adviceIfAny(payment);
  const next = advice?.next ?? text("try_again_or_another_way");
  const message = failureMessage(payment.error_description, advice ? `${advice.notCharged} ${next}` : next, advice?.happened);
  return {
    title: advice?.title ?? text("failed"),
    message,
    next,
    isFinal: advice?.isFinal ?? false,
    retryLabel: advice?.retryLabel ?? text("try_again"),
  };
}

/** @param {Payment} payment */
async function adviceIfAny(payment) {
  if (!WITH_ADVICE.includes(payment.retry ?? "")) return undefined;
  try {
    return (await import("./declines.js")).adviceFor(payment, translationOfPage());
  } catch {
    return undefined; // without a connection, the buyer gets the text of a payment without advice
  }
}

/**
 * @param {Payment} payment
 * @param {string} message
 */
export const failureOf = ({ id, order_id: orderId, error_code: code, error_description: reason }, message) => ({
  error: message,
  reason: "payment_failed",
  description: reason ?? message,
  code: code ?? "PAYMENT_FAILED",
  paymentId: id,
  orderId,
});

/**
 * For a checkout that cannot accept a payment. No payment was created.
 * @param {string} orderId
 * @param {Problem} problem
 * @param {Cause} cause
 */
export const notStarted = (orderId, { message }, { code, message: description, cause }) => ({
  error: message,
  reason: "not_started",
  description,
  code,
  cause,
  paymentId: "",
  orderId,
});
