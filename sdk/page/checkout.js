/** The payment of one order, from its summary to an outcome. The API stores the state, so that reloads continue it. */

import { Refused } from "./api.js";
import { text } from "./language.js";
import { failureOf, failureText, notStarted } from "./outcome.js";
import { Pause, randomKey, sendUntilAnswered } from "./sending.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {import("./api.js").PaymentRequest} PaymentRequest */
/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./next_action.js").NextAction} NextAction */
/** @typedef {import("./outcome.js").Cause} Cause */
/** @typedef {import("./forms.js").UpiForm | import("./forms.js").CardForm} Form */

const ORDER_ID = /^order_[A-Za-z0-9]{16}$/;
const POLL_MS = 2_000;
const SLOW_MS = 30_000; // three times the duration of a payment
const PATIENCE_MS = 600_000; // then the buyer decides whether to keep waiting
const LAST_MINUTE_MS = 60_000;
const NO_SUCH_ORDER = { code: "NOT_FOUND_ERROR", description: "Order not found" }; // the API's error
const NO_OFFER = { code: "BAD_REQUEST_ERROR", message: "No method of the merchant can pay the order", cause: "NO_METHOD" };
const NO_NETWORK = { code: "NETWORK_ERROR", message: "The API did not respond", cause: "NETWORK_ERROR" };

/** @typedef {"no_order" | "wrong_key" | "no_method" | "no_connection" | "expired_order" | "too_many_attempts"} Start */
/** @typedef {"no_answer" | "not_accepted" | "undecided"} Later */

/** @param {Start | Later} name */
const problemOf = (name) => ({ title: text(`${name}.title`), message: text(`${name}.message`) });

export class Checkout {
  #api;
  #view;
  #shop;
  #leaving;
  #wayBack;
  #orderId;
  #key;
  #returnUrl;
  #translated;
  #pause = new Pause();
  /** @type {import("./action_view.js").ActionView | undefined} */
  #actions;
  #isPaying = false;

  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./view.js").View} parts.view
   * @param {import("./shop.js").Shop} parts.shop
   * @param {import("./leaving.js").Leaving} parts.leaving
   * @param {import("./way_back.js").WayBack} parts.wayBack
   * @param {string} parts.orderId
   * @param {string} parts.key the shop's API key; empty if the page's address has none
   * @param {string | undefined} parts.returnUrl
   * @param {Promise<void>} parts.translated when the page has the texts of its language
   */
  constructor({ api, view, shop, leaving, wayBack, orderId, key, returnUrl, translated }) {
    this.#api = api;
    this.#view = view;
    this.#shop = shop;
    this.#leaving = leaving;
    this.#wayBack = wayBack;
    this.#orderId = orderId;
    this.#key = key;
    this.#returnUrl = returnUrl;
    this.#translated = translated;
  }

  /** Show the order. Continues with an open payment, also one from another browser. */
  async start() {
    try {
      if (!ORDER_ID.test(this.#orderId)) throw new Refused(NO_SUCH_ORDER);
      const order = await this.#api.order(this.#orderId, this.#key);
      await this.#translated;
      const isPayable = this.#view.showOrder(order);
      if (order.status === "paid") return this.#alreadyPaid(order);
      if (order.payment_id || isPayable) this.#shop.usable();
      if (order.payment_id) return this.#follow(order.payment_id, "in_progress");
      isPayable ? this.#view.showForms({ focus: false }) : this.#end("no_method", NO_OFFER);
    } catch (error) {
      await this.#translated;
      if (!(error instanceof Refused)) return this.#end("no_connection", NO_NETWORK, () => this.#startAgain());
      console.error(`PaymentGateway: ${error.code}: ${error.message}`); // for the shop's developer
      const { code, message } = error;
      if (error.field === "key") return this.#end("wrong_key", { code, message, cause: "WRONG_KEY" });
      this.#end("no_order", { code, message, cause: "ORDER_NOT_FOUND" });
    }
  }

  #startAgain() {
    this.#view.showForms({ focus: false }); // as at the start, without an amount
    return this.start();
  }

  /**
   * Pay with the data of `form`. Only one payment runs at a time.
   * @param {Form} form
   */
  async pay(form) {
    if (this.#isPaying) return;
    this.#isPaying = true;
    try {
      await this.#send({ order_id: this.#orderId, ...form.instrument, return_url: this.#returnUrl }, randomKey(), form);
    } finally {
      this.#isPaying = false;
    }
  }

  /** Poll the payment immediately, because it may have changed. */
  pollNow() {
    this.#pause.end();
  }

  /**
   * @param {PaymentRequest} request kept only in memory, until there is a response
   * @param {string} key the idempotency key
   * @param {Form} form
   * @returns {Promise<void>}
   */
  async #send(request, key, form) {
    this.#wayBack.lead(); // no longer with the outcome of an earlier payment
    this.#view.showProcessing("sending");
    this.#leaving.processing(null);
    try {
      const payment = await sendUntilAnswered(this.#api, request, key);
      form.sent();
      await this.#follow(payment.id, "waiting");
    } catch (error) {
      if (error instanceof Refused && error.field === "return_url" && request.return_url) {
        this.#returnUrl = undefined; // the shop has not registered it, but the buyer can pay
        return this.#send({ ...request, return_url: undefined }, randomKey(), form);
      }
      if (error instanceof Refused) return this.#refused(error, form);
      this.#view.showError({ ...problemOf("no_answer"), retry: () => this.#send(request, key, form) });
    }
  }

  /**
   * @param {Refused} error
   * @param {Form} form
   * @returns {Promise<void> | void}
   */
  #refused(error, form) {
    const { code, message, field, paymentId } = error;
    const isOver = ["PAYMENT_IN_PROGRESS", "ORDER_ALREADY_PAID", "ORDER_EXPIRED", "TOO_MANY_ATTEMPTS"].includes(code);
    if (isOver) form.sent(); // the card number is no longer needed
    if (code === "PAYMENT_IN_PROGRESS" && paymentId) return this.#follow(paymentId, "in_progress");
    this.#leaving.settled();
    if (code === "PAYMENT_IN_PROGRESS" || code === "ORDER_ALREADY_PAID") return this.#startAgain();
    if (code === "ORDER_EXPIRED") return this.#end("expired_order", { code, message, cause: code });
    if (code === "TOO_MANY_ATTEMPTS") return this.#end("too_many_attempts", { code, message, cause: code });
    this.#view.showForms({ note: field === "flow" ? text("flow_unavailable") : "" });
    if (!form.refuse(field)) this.#view.showError({ ...problemOf("not_accepted"), retry: () => this.#view.showForms() });
  }

  /**
   * @param {string} paymentId
   * @param {Key} message
   * @returns {Promise<void>}
   */
  async #follow(paymentId, message) {
    let began = performance.now(); // of the wait for the bank, which does not include the buyer's action
    let isExpired = false;
    /** @type {NextAction | null} */
    let open = null;
    this.#view.showProcessing(message);
    this.#leaving.processing(paymentId);
    while (performance.now() - began < PATIENCE_MS) {
      const payment = await this.#look(paymentId);
      if (payment?.status === "success") return this.#succeed(payment);
      if (payment?.status === "failed") return this.#fail(payment);
      /** @type {NextAction | null} */
      const next = payment ? await this.#nextActionOf(payment) : open;
      /** @type {NextAction | null} the API may withdraw it as soon as it has expired */
      const latest = next ?? open;
      isExpired = latest ? this.#isOver(latest) : isExpired;
      open = isExpired ? null : next;
      if (open) {
        began = performance.now();
        message = "waiting"; // after the action
        this.#showAction(open, payment !== null);
      } else {
        const isSlow = performance.now() - began > SLOW_MS;
        this.#view.showProcessing(!payment ? "cut_off" : isExpired ? "confirming" : isSlow ? "slow" : message);
      }
      await this.#pause.wait(POLL_MS);
    }
    this.#view.showError({ ...problemOf("undecided"), retry: () => this.#follow(paymentId, message) });
  }

  /**
   * @param {Payment} payment
   * @returns {Promise<NextAction | null>}
   */
  async #nextActionOf(payment) {
    if (!payment.next_action) return null;
    try {
      const { ActionView, nextActionOf } = await import("./action_view.js");
      this.#actions ??= new ActionView(() => this.#api.now, () => this.pollNow());
      return nextActionOf(payment);
    } catch {
      return null; // the next poll loads it again
    }
  }

  /**
   * @param {NextAction} action
   * @param {boolean} isConnected
   */
  #showAction(action, isConnected) {
    if (!this.#actions) return;
    const isLastMinute = action.expiresAt - this.#api.now <= LAST_MINUTE_MS;
    this.#view.showAction(this.#actions, action, !isConnected ? text("cut_off") : isLastMinute ? text("last_minute") : "");
  }

  /** @param {NextAction} action false if the API's time or the end is unknown: then the API withdraws the action */
  #isOver({ expiresAt }) {
    return expiresAt <= this.#api.now;
  }

  /** @param {string} paymentId */
  async #look(paymentId) {
    try {
      return await this.#api.payment(paymentId);
    } catch {
      return null; // the next poll may succeed
    }
  }

  /** @param {Payment} payment */
  #succeed({ id: paymentId, order_id: orderId, amount, currency, return_url: returnUrl }) {
    this.#wayBack.lead(returnUrl);
    this.#paid("paid", { paymentId, orderId, amount, currency });
    this.#wayBack.leave();
  }

  /** @param {Order} order was paid earlier, or in another browser: the shop continues as after a payment */
  async #alreadyPaid({ id: orderId, payment_id: paymentId, amount, currency }) {
    this.#paid("already_paid", { paymentId: paymentId ?? "", orderId, amount, currency });
    if (!paymentId || this.#shop.isThere) return;
    const payment = await this.#look(paymentId);
    this.#wayBack.lead(payment?.return_url);
    this.#wayBack.leave();
  }

  /**
   * @param {"paid" | "already_paid"} title
   * @param {{paymentId: string, orderId: string, amount: number, currency: string}} payment
   */
  #paid(title, payment) {
    this.#leaving.settled();
    this.#view.showSuccess(text(title), payment.paymentId);
    this.#shop.send("payment_success", { ...payment, status: "success" });
  }

  /** @param {Payment} payment */
  async #fail(payment) {
    const { title, message, next, isFinal, retryLabel } = await failureText(payment);
    const other = { note: next, method: payment.method === "card" ? "upi" : undefined }; // or another UPI ID
    const retry = () => this.#view.showForms(isFinal ? other : {});
    this.#leaving.settled();
    this.#wayBack.lead(payment.return_url);
    this.#view.showError({ title, message, retry, retryLabel });
    this.#shop.send("payment_failed", failureOf(payment, message));
  }

  /**
   * The order cannot be paid, or not at this time.
   * @param {Start} name of the problem
   * @param {Cause} cause
   * @param {() => void} [retry]
   */
  #end(name, cause, retry) {
    const problem = problemOf(name);
    if (!retry) this.#leaving.over();
    this.#view.showError({ ...problem, ...(retry && { retry }) });
    this.#shop.send("payment_failed", notStarted(this.#orderId, problem, cause));
  }
}
