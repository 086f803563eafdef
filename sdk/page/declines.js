/** The text about a payment that failed with a `decline_code` and a `retry`. Loaded when a payment failed. */

import { FAILED, TRY_AGAIN, failureMessage } from "./texts.js";

const PAY_ANOTHER_WAY = "Pay another way";
const NOT_CHARGED = "You were not charged.";

/**
 * What happened, by `decline_code`. `happened` is shown if the API gives no reason. `again` is the next step if the same
 * method can succeed. The gateway has confirmed each of these outcomes with the acquirer, so the buyer was not charged.
 * @type {Record<string, {title: string, happened: string, again?: string}>}
 */
const DECLINES = {
  authentication_failed: {
    title: "Not confirmed by your bank",
    happened: "Your bank could not confirm that it is you",
    again: "Try again and follow your bank's steps, or pay another way.",
  },
  authentication_expired: {
    title: "Not confirmed in time",
    happened: "You did not confirm the payment with your bank in time",
    again: "Try again when you have your phone or your bank's app at hand, or pay another way.",
  },
  card_declined: { title: "Payment declined", happened: "Your bank declined the payment" },
  expired: {
    title: "Not approved in time",
    happened: "You did not approve the payment in time",
    again: "Try again when you have your UPI app at hand, or pay another way.",
  },
  expired_card: { title: "Card expired", happened: "Your card has expired" },
  fraud_suspected: { title: "Payment declined", happened: "Your bank declined the payment" },
  incorrect_cvc: {
    title: "Incorrect CVV",
    happened: "The security code of your card is incorrect",
    again: "Try again with the code that is printed on the card, or pay another way.",
  },
  insufficient_funds: { title: "Not enough money", happened: "Your account does not have enough money" },
  invalid_account: { title: "Account not found", happened: "Your bank cannot find the account" },
  limit_exceeded: { title: "Limit exceeded", happened: "The payment exceeds a limit of your bank" },
  processing_error: {
    title: "Your bank has a problem",
    happened: "Your bank could not process the payment",
    again: "Try again in a few minutes, or pay another way.",
  },
};
/** The next step by `retry`, and by the method that failed. */
const NEXT = {
  later: { card: "Try again later, or pay another way.", upi: "Try again later, or pay another way." },
  other_method: {
    card: "Use another card, or pay another way.",
    upi: "Use another UPI ID, or pay by card.",
  },
  never: {
    card: "Do not use this card again. Pay another way, or contact your bank.",
    upi: "Do not use this UPI ID again. Pay by card, or contact your bank.",
  },
};

/**
 * @param {import("./api.js").Payment} payment
 * @returns {import("./outcome.js").Failure}
 */
export function declineText({ error_description: reason, decline_code: code, retry = "later", method = "card" }) {
  const { title, happened, again } = DECLINES[code ?? ""] ?? { title: FAILED, happened: undefined };
  const isFinal = retry !== "later";
  const next = (!isFinal && again) || NEXT[retry][method];
  const message = failureMessage(reason ?? happened, `${NOT_CHARGED} ${next}`);
  return { title, message, next, isFinal, retryLabel: isFinal ? PAY_ANOTHER_WAY : TRY_AGAIN };
}
