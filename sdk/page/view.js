/** The view of the page. It shows one state at a time. */

import { text } from "./language.js";
import { DEFAULT_LOCALE, formatMoney } from "./money.js";
import { byId, find, part } from "./parts.js";

/** @typedef {import("./action_view.js").ActionView} ActionView */
/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./forms.js").UpiForm | import("./forms.js").CardForm} Form */

export class View {
  #forms;
  #isInline;
  /** @type {ActionView | undefined} */
  #actions;
  #locale = DEFAULT_LOCALE;
  /** @type {Order | undefined} */
  #order;
  #states = ["form", "processing", "upi", "challenge", "success", "error"].map((each) => byId(`${each}-state`));
  #methods = ["upi", "card"].map((each) => find(document, `[data-test-id="method-${each}"]`, HTMLButtonElement));
  #note = byId("note");
  #retry = part("retry-button");
  #title = byId("summary-title");
  /** @type {() => void} */
  #onRetry = () => {};

  /**
   * @param {Form[]} forms
   * @param {boolean} isInline part of the shop's page, which keeps the focus until the buyer uses this page
   */
  constructor(forms, isInline) {
    this.#forms = forms;
    this.#isInline = isInline;
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

  /**
   * @param {Order} order
   * @returns {boolean} whether a method can pay it
   */
  showOrder(order) {
    this.#order = order;
    const isPayable = this.#offerMethods(order);
    this.#writeOrder();
    document.title = this.#title.textContent ?? "";
    return isPayable;
  }

  /**
   * Show the forms, with `note` above them.
   * @param {{note?: string, method?: string | undefined, focus?: boolean}} [how] keeps the method if there is none
   */
  showForms({ note = "", method, focus = true } = {}) {
    part("order-summary").hidden = false;
    const chosen = this.#methods.find((button) => button.dataset.method === method && !button.hidden);
    if (chosen) this.#choose(chosen);
    this.#show("form-state");
    this.#note.textContent = note;
    this.#note.hidden = !note;
    if (focus) this.#forms.find((form) => !form.element.hidden)?.focus();
  }

  /** @param {Key} key */
  showProcessing(key) {
    this.#show("processing-state");
    const message = text(key);
    const shown = part("processing-message");
    if (shown.textContent !== message) shown.textContent = message; // screen readers would repeat an unchanged text
  }

  /**
   * Show what the buyer has to do.
   * @param {ActionView} actions
   * @param {import("./next_action.js").NextAction} action
   * @param {string} note
   */
  showAction(actions, action, note) {
    this.#actions = actions;
    this.#show(actions.show(action, this.amount, note));
  }

  /**
   * @param {string} title
   * @param {string} paymentId
   */
  showSuccess(title, paymentId) {
    byId("success-title").textContent = title;
    part("payment-id").textContent = paymentId;
    const values = { amount: this.amount, merchant: this.#merchant };
    part("success-message").textContent = text(this.#merchant ? "was_paid_to" : "was_paid", values);
    this.#title.textContent = text(this.#merchant ? "paid_to" : "amount_paid", values);
    this.#show("success-state");
    document.title = title;
  }

  /**
   * @param {{title: string, message: string, retry?: () => void, retryLabel?: string}} problem without `retry`, there
   *   is no button
   */
  showError({ title, message, retry, retryLabel = text("try_again") }) {
    byId("error-title").textContent = title;
    byId("error-title").ariaLevel = this.#order ? "2" : "1"; // the page's title if there is no summary
    part("error-message").textContent = message;
    this.#retry.hidden = !retry;
    this.#retry.textContent = retryLabel;
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
   * Show only the methods that support the order.
   * @param {Order} order
   * @returns whether there are any
   */
  #offerMethods(order) {
    const methods = this.#forms.filter((form) => form.adapt(order)).map((form) => form.method);
    for (const button of this.#methods) button.hidden = !methods.includes(button.dataset.method ?? "");
    const chosen = this.#methods.find((button) => button.getAttribute("aria-pressed") === "true");
    const offered = this.#methods.find((button) => !button.hidden);
    if (chosen?.hidden && offered) this.#choose(offered);
    return Boolean(offered);
  }

  get #merchant() {
    return this.#order?.merchant?.name ?? "";
  }

  #writeOrder() {
    if (!this.#order) return;
    if (this.#merchant) this.#title.textContent = text("pay_merchant", { merchant: this.#merchant });
    part("order-amount").textContent = this.amount;
    part("order-id").textContent = this.#order.id;
    for (const form of this.#forms) form.offer(this.amount);
  }

  /** @param {string} id of the state; its heading gets the focus, so that screen readers announce it */
  #show(id) {
    const shown = byId(id);
    if (!shown.hidden) return;
    if (!["upi-state", "challenge-state"].includes(id)) this.#actions?.hide();
    for (const state of this.#states) state.hidden = state !== shown;
    document.title = this.#merchant ? text("pay_merchant", { merchant: this.#merchant }) : text("checkout");
    if (!this.#isInline || document.hasFocus()) shown.querySelector("h2")?.focus();
  }
}
