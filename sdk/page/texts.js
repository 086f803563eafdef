/** The page's messages about the state of a payment and about errors. */

export const SENDING = "Sending your payment. Please keep this page open.";
export const WAITING = "Waiting for your bank. This takes a few seconds.";
export const SLOW = "Your bank is taking longer than usual. Please keep this page open.";
export const CUT_OFF = "No connection. Your payment continues, and we keep checking its result.";
export const IN_PROGRESS = "A payment for this order is already being processed. We are waiting for its result.";

export const CONFIRMING = "The time is over. We are confirming the result with your bank.";
export const LAST_MINUTE = "Less than one minute is left.";

export const PAID = "Payment successful";
export const ALREADY_PAID = "This order is already paid";

export const NO_ORDER = {
  title: "Order not found",
  message: "This order does not exist. Go back to the shop and start the payment again.",
};
export const WRONG_KEY = {
  title: "This checkout is not set up correctly",
  message: "The shop's API key does not belong to this order. You were not charged. Please contact the shop.",
};
export const NO_METHOD = {
  title: "This order cannot be paid here",
  message: "The shop accepts no payment method for this order. You were not charged. Please contact the shop.",
};
export const NO_CONNECTION = {
  title: "No connection",
  message: "We could not reach the server. Check your connection and try again.",
};
export const NO_ANSWER = {
  title: "No response",
  message: "We do not know whether your payment was received. Try again: you are charged only once.",
};
export const NOT_ACCEPTED = {
  title: "Payment not accepted",
  message: "Your details were not accepted, and you were not charged.",
};
export const FLOW_UNAVAILABLE = "This way to pay is not available now. Choose another one. You were not charged.";
export const EXPIRED_ORDER = {
  title: "This order has expired",
  message: "You can no longer pay for it, and you were not charged. Go back to the shop to order again.",
};
export const TOO_MANY_ATTEMPTS = {
  title: "Too many attempts",
  message:
    "You have used all payment attempts for this order, and you were not charged. Go back to the shop to order again.",
};
export const UNDECIDED = {
  title: "Still waiting for your bank",
  message: "Your bank has not responded yet. Do not pay again: keep waiting, or ask the shop later.",
};
export const FAILED = "Payment failed";
export const TRY_AGAIN = "Try again";
export const TRY_AGAIN_OR_ANOTHER_WAY = "You can try again, or pay another way.";

/**
 * @param {string | undefined} reason
 * @param {string} next
 */
export const failureMessage = (reason, next) => `${reason ?? "Your payment did not go through"}. ${next}`;
