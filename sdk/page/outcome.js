/** The data about a payment that the page sends to the shop's callbacks. */

import { failureMessage } from "./texts.js";

/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {{title: string, message: string}} Problem */

/** @param {Payment} payment */
export const failureOf = ({ id, order_id: orderId, error_code: code, error_description: reason }) => ({
  error: failureMessage(reason),
  reason: "payment_failed",
  description: reason ?? failureMessage(reason),
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
