/** The view of the page. It shows one state at a time. */

import { DEFAULT_LOCALE, formatMoney } from "./money.js";
import { byId, find, part } from "./parts.js";

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
  #methods = ["upi", "card"].map((each) => find(document, `[data-test-id="method-${each}"]`, HTMLButtonElement));
  #note = byId("note");
  #retry = part("retry-button");
  #title = byId("summary-title");
  /** @type {() => void} */
  #onRetry = () => {};

  /** @param {Form[]} forms */
  constructor(forms) {
    this.#forms = forms;
    this.#retry.addEventListener("click", () => this.#onRetry());
    for (const button of this.#methods) {
      button.addEventListener("click", () => this.#choose(button));
      button.disabled = false; // clicks had no effect before
    }
  }

  /** The formatted amount of the order. */
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
    document.title = this.#title.textContent ?? "";
  }

  /**
   * Show the forms, with `note` above them.
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
    const shown = part("processing-message");
    if (shown.textContent !== message) shown.textContent = message; // screen readers would repeat an unchanged text
  }

  /**
   * @param {string} title
   * @param {string} paymentId
   */
  showSuccess(title, paymentId) {
    byId("success-title").textContent = title;
    part("payment-id").textContent = paymentId;
    part("success-message").textContent = `${this.amount} was paid${this.#merchant && ` to ${this.#merchant}`}.`;
    this.#title.textContent = this.#merchant ? `Paid to ${this.#merchant}` : "Amount paid";
    this.#show("success-state");
    document.title = title;
  }

  /** @param {{title: string, message: string, retry?: () => void}} problem without `retry`, there is no button */
  showError({ title, message, retry }) {
    byId("error-title").textContent = title;
    byId("error-title").ariaLevel = this.#order ? "2" : "1"; // the page's title if there is no summary
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
   * Show only the methods that support the order's currency.
   * @param {string} currency
   */
  #offerMethods(currency) {
    for (const button of this.#methods) button.hidden = !takes(button.dataset.method, currency);
    const chosen = this.#methods.find((button) => button.getAttribute("aria-pressed") === "true");
    const offered = this.#methods.find((button) => !button.hidden);
    if (chosen?.hidden && offered) this.#choose(offered);
  }

  get #merchant() {
    return this.#order?.merchant?.name ?? "";
  }

  #writeOrder() {
    if (!this.#order) return;
    if (this.#merchant) this.#title.textContent = `Pay ${this.#merchant}`;
    part("order-amount").textContent = this.amount;
    part("order-id").textContent = this.#order.id;
    for (const form of this.#forms) form.offer(this.amount);
  }

  /** @param {string} id of the state; its heading gets the focus, so that screen readers announce it */
  #show(id) {
    const shown = byId(id);
    if (!shown.hidden) return;
    for (const state of this.#states) state.hidden = state !== shown;
    document.title = this.#merchant ? `Pay ${this.#merchant}` : "Checkout";
    shown.querySelector("h2")?.focus();
  }
}
