/** What the page says while a payment is under way, and when something is in its way. */

export const SENDING = "Sending your payment. Please keep this page open.";
export const WAITING = "Waiting for your bank. This takes a few seconds.";
export const SLOW = "Your bank takes longer than usual. Please keep this page open.";
export const CUT_OFF = "There is no connection. Your payment goes on, and we keep looking.";
export const INTERRUPTED =
  "Your last try was interrupted. If you pay with the same details, you are charged only once.";

export const NO_ORDER = {
  title: "Order not found",
  message: "There is no such order. Go back to the shop and start the payment there.",
};
export const NO_CONNECTION = {
  title: "No connection",
  message: "We cannot be reached. Check your connection and try again.",
};
export const NO_ANSWER = {
  title: "No answer",
  message: "We cannot tell whether your payment arrived. Try again: you are charged only once.",
};
export const NOT_ACCEPTED = {
  title: "Payment not accepted",
  message: "These details were not accepted, and nothing was charged.",
};
export const SENT_BEFORE = {
  title: "A payment may be under way",
  message:
    "An earlier try with other details did arrive. Ask the shop whether it was paid; try again only if it was not.",
};
export const UNDECIDED = {
  title: "Still waiting for your bank",
  message: "There is no answer yet. Do not pay again: go on waiting, or ask the shop later.",
};
export const FAILED = "Payment failed";

/** @param {string | undefined} reason */
export const failureMessage = (reason) =>
  `${reason ?? "The payment did not go through"}. You can try again, or pay another way.`;
