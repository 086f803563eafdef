/** Closing the checkout on a shop's page. While a payment is processed, the buyer must confirm. */

import { find, part } from "./parts.js";

const COMPOSING = 229; // Safari marks the key that ends a composition only with this code

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

  /** @param {string | null} paymentId null until the API has responded */
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

  /** Close, or ask for confirmation. */
  request() {
    if (!this.#shop.isThere) return;
    if (!this.#isProcessing) return this.#leave();
    if (!this.#question.open) this.#question.showModal();
    this.#shop.asked();
  }

  /**
   * The shop's page does not receive key events of this frame. Escape also ends an input method's composition and
   * closes the question.
   * @param {KeyboardEvent} event
   */
  #pressed(event) {
    const isComposing = event.isComposing || event.keyCode === COMPOSING;
    if (event.key !== "Escape" || isComposing || this.#question.open) return;
    event.preventDefault(); // otherwise, the same key event would close the question
    this.request();
  }

  #leave() {
    this.#question.close();
    this.#shop.close();
  }
}
