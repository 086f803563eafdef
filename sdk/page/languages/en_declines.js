/** The English texts about declined payments. Loaded when a payment was declined. */

export const DECLINES = {
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

export const ADVICE = {
  not_charged: "You were not charged.",
  pay_another_way: "Pay another way",
  later: "Try again later, or pay another way.",
  other_card: "Use another card, or pay another way.",
  other_vpa: "Use another UPI ID, or pay by card.",
  never_card: "Do not use this card again. Pay another way, or contact your bank.",
  never_vpa: "Do not use this UPI ID again. Pay by card, or contact your bank.",
};
