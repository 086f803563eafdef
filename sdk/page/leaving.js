/** Leaving the checkout of a shop's page. While a payment is processed, the buyer is asked first. */

import { find, part } from "./parts.js";

const COMPOSING = 229; // Safari's only mark on the key that ends a composition

export class Leaving {
  #shop;
  #question = find(document, "#close-question", HTMLDialogElement);
  #isProcessing = false;

  /** @param {import("./shop.js").Shop} shop */
  constructor(shop) {
    this.#shop = shop;
    part("keep-waiting-button").addEventListener("click", () => this.#question.close());
    part("close-anyway-button").addEventListener("click", () => this.#leave());
    window.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** @param {string | null} paymentId null until the API has answered */
  processing(paymentId) {
    this.#isProcessing = true;
    this.#shop.progress({ isProcessing: true, paymentId });
  }

  /** The payment has an outcome. */
  settled() {
    this.#isProcessing = false;
    this.#question.close();
    this.#shop.progress({ isProcessing: false, paymentId: null });
  }

  /** Leave, or ask whether to. */
  request() {
    if (!this.#shop.isThere) return;
    if (!this.#isProcessing) return this.#leave();
    if (!this.#question.open) this.#question.showModal();
    this.#shop.asked();
  }

  /**
   * The shop's page does not receive the keys that are pressed in here. Escape has other uses: it ends what an input
   * method composes, and closes the question.
   * @param {KeyboardEvent} event
   */
  #pressed(event) {
    const isComposing = event.isComposing || event.keyCode === COMPOSING;
    if (event.key !== "Escape" || isComposing || this.#question.open) return;
    event.preventDefault(); // or this key would close the question that it opens
    this.request();
  }

  #leave() {
    this.#question.close();
    this.#shop.close();
  }
}
