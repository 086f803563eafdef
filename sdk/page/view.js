/** The page as it looks: one state shown at a time. */

import { DEFAULT_LOCALE, formatMoney } from "./money.js";
import { byId, part } from "./parts.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./forms.js").UpiForm | import("./forms.js").CardForm} Form */

const UPI_CURRENCY = "INR";

/**
 * @param {string | undefined} method
 * @param {string} currency
 */
const takes = (method, currency) => method !== "upi" || currency === UPI_CURRENCY;

export class View {
  #forms;
  #locale = DEFAULT_LOCALE;
  /** @type {Order | undefined} */
  #order;
  #states = ["form-state", "processing-state", "success-state", "error-state"].map(byId);
  #methods = [part("method-upi"), part("method-card")];
  #note = byId("note");
  #retry = part("retry-button");
  /** @type {() => void} */
  #onRetry = () => {};

  /** @param {Form[]} forms */
  constructor(forms) {
    this.#forms = forms;
    this.#retry.addEventListener("click", () => this.#onRetry());
    for (const button of this.#methods) {
      button.addEventListener("click", () => this.#choose(button));
    }
  }

  /** The order's amount as it is shown. */
  get amount() {
    return this.#order ? formatMoney(this.#order.amount, this.#order.currency, this.#locale) : "";
  }

  /** @param {string} locale */
  setLocale(locale) {
    this.#locale = locale;
    this.#writeOrder();
  }

  /** @param {Order} order */
  showOrder(order) {
    this.#order = order;
    this.#writeOrder();
    this.#offerMethods(order.currency);
  }

  /**
   * The forms. `note` is said above them.
   * @param {{note?: string, focus?: boolean}} [how]
   */
  showForms({ note = "", focus = true } = {}) {
    part("order-summary").hidden = false;
    this.#show("form-state");
    this.#note.textContent = note;
    this.#note.hidden = !note;
    if (focus) this.#forms.find((form) => !form.element.hidden)?.focus();
  }

  /** @param {string} message */
  showProcessing(message) {
    this.#show("processing-state");
    const said = part("processing-message");
    if (said.textContent !== message) said.textContent = message; // a repeat would be read out again
  }

  /** @param {string} paymentId */
  showSuccess(paymentId) {
    this.#show("success-state");
    byId("summary-title").textContent = "Amount paid";
    part("payment-id").textContent = paymentId;
    part("success-message").textContent = `${this.amount} was paid.`;
    document.title = "Payment successful";
  }

  /** @param {{title: string, message: string, retry?: () => void}} problem without `retry`, there is nothing to try */
  showError({ title, message, retry }) {
    byId("error-title").textContent = title;
    part("error-message").textContent = message;
    this.#retry.hidden = !retry;
    this.#onRetry = retry ?? (() => {});
    part("order-summary").hidden = !this.#order;
    this.#show("error-state");
    document.title = title;
  }

  /** @param {HTMLElement} chosen */
  #choose(chosen) {
    for (const button of this.#methods) button.setAttribute("aria-pressed", String(button === chosen));
    for (const form of this.#forms) form.element.hidden = form.method !== chosen.dataset.method;
  }

  /**
   * Show only the methods that take the order's currency.
   * @param {string} currency
   */
  #offerMethods(currency) {
    for (const button of this.#methods) button.hidden = !takes(button.dataset.method, currency);
    const chosen = this.#methods.find((button) => button.getAttribute("aria-pressed") === "true");
    const offered = this.#methods.find((button) => !button.hidden);
    if (chosen?.hidden && offered) this.#choose(offered);
  }

  #writeOrder() {
    if (!this.#order) return;
    part("order-amount").textContent = this.amount;
    part("order-id").textContent = this.#order.id;
    for (const form of this.#forms) form.offer(this.amount);
  }

  /** @param {string} id of the state; its heading takes the focus, so that it is read out */
  #show(id) {
    const shown = byId(id);
    if (!shown.hidden) return;
    for (const state of this.#states) state.hidden = state !== shown;
    document.title = "Checkout";
    shown.querySelector("h2")?.focus();
  }
}
