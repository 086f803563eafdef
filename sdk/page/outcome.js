/** The outcome of a payment for the buyer, and for the shop's callbacks. */

import { FAILED, TRY_AGAIN, TRY_AGAIN_OR_ANOTHER_WAY as NEXT, failureMessage } from "./texts.js";

/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {{title: string, message: string}} Problem */
/** @typedef {Problem & {next: string, isFinal: boolean, retryLabel: string}} Failure final if the method fails again */

const WITH_ADVICE = ["never", "other_method", "later"];

/**
 * @param {Payment} payment
 * @returns {Promise<Failure>}
 */
export async function failureText(payment) {
  try {
    if (WITH_ADVICE.includes(payment.retry ?? "")) return (await import("./declines.js")).declineText(payment);
  } catch {
    // without a connection, the buyer gets the text of a payment without advice
  }
  const message = failureMessage(payment.error_description, NEXT);
  return { title: FAILED, message, next: NEXT, isFinal: false, retryLabel: TRY_AGAIN };
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
 * @param {{code: string, message: string}} cause for the shop's developer
 */
export const notStarted = (orderId, { message }, { code, message: description }) => ({
  error: message,
  reason: "not_started",
  description,
  code,
  paymentId: "",
  orderId,
});
