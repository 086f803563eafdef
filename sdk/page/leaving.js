/**
 * Closing the checkout on a shop's page. While a payment is processed, the buyer must confirm; if the shop wants it, also
 * while a form has input.
 */

import { text } from "./language.js";
import { byId, find, part } from "./parts.js";

const COMPOSING = 229; // Safari marks the key that ends a composition only with this code

export class Leaving {
  #shop;
  #question = find(document, "#close-question", HTMLDialogElement);
  #isProcessing = false;
  #isOver = false;
  #hasInput = false;
  /** @type {string | null} */
  #paymentId = null;

  /** Whether to confirm that the input of a form is lost. */
  confirmsInput = false;

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
    this.#paymentId = paymentId;
    this.#report();
  }

  /** @param {boolean} hasInput whether the buyer has entered something */
  typed(hasInput) {
    if (hasInput === this.#hasInput) return;
    this.#hasInput = hasInput;
    this.#report();
  }

  /** The order cannot be paid any longer, so that the input is no longer needed. */
  over() {
    this.#isOver = true;
    this.#report();
  }

  /** The payment has an outcome. */
  settled() {
    this.#isProcessing = false;
    this.#paymentId = null;
    this.#question.close();
    this.#report();
  }

  /** Close, or ask for confirmation. */
  request() {
    if (!this.#shop.isThere) return;
    if (!this.#isProcessing && !(this.confirmsInput && this.#losesInput)) return this.#leave();
    if (!this.#question.open) this.#ask(this.#isProcessing ? "close_payment" : "close_form");
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

  get #losesInput() {
    return this.#hasInput && !this.#isOver;
  }

  #report() {
    const hasInput = this.#losesInput;
    this.#shop.progress({ isProcessing: this.#isProcessing, paymentId: this.#paymentId, hasInput });
  }

  /** @param {"close_payment" | "close_form"} question */
  #ask(question) {
    byId("close-title").textContent = text(`${question}.title`);
    byId("close-message").textContent = text(`${question}.message`);
    part("keep-waiting-button").textContent = text(`${question}.stay`);
    part("close-anyway-button").textContent = text(`${question}.leave`);
    this.#question.showModal();
  }

  #leave() {
    this.#question.close();
    this.#shop.close();
  }
}
