/** What to do after a payment failed with a `decline_code` and a `retry`. Loaded when a payment failed. */

import { ADVICE, DECLINES } from "./languages/en_declines.js";

/**
 * What happened, by `decline_code`. `again` is the next step if the same method can succeed. The gateway has confirmed
 * each of these outcomes with the acquirer, so the buyer was not charged.
 * @typedef {Record<string, {title: string, happened: string, again?: string}>} Declines
 */

const ENGLISH = { ADVICE, DECLINES };

/** The key of the next step by `retry`, and by the method that failed. */
const NEXT = /** @type {const} */ ({
  later: { card: "later", upi: "later" },
  other_method: { card: "other_card", upi: "other_vpa" },
  never: { card: "never_card", upi: "never_vpa" },
});

/**
 * @param {import("./api.js").Payment} payment
 * @param {typeof ENGLISH | undefined} translation
 * @returns the texts that there are for this decline, and whether the same method would fail again
 */
export function adviceFor({ decline_code: code, retry = "later", method = "card" }, translation) {
  const { ADVICE: advice, DECLINES: declines } = translation ?? ENGLISH;
  const decline = /** @type {Declines} */ (declines)[code ?? ""];
  const isFinal = retry !== "later";
  return {
    title: decline?.title,
    happened: decline?.happened,
    notCharged: advice.not_charged,
    next: (!isFinal && decline?.again) || advice[NEXT[retry][method]],
    isFinal,
    retryLabel: isFinal ? advice.pay_another_way : undefined,
  };
}
