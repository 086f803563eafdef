/** The payment of one order, from its summary to an outcome. The API stores the state, so that reloads continue it. */

import { Refused } from "./api.js";
import { failureOf, notStarted } from "./outcome.js";
import { randomKey, sendUntilAnswered, sleep } from "./sending.js";
import {
  ALREADY_PAID, CUT_OFF, EXPIRED_ORDER, FAILED, IN_PROGRESS, NO_ANSWER, NO_CONNECTION, NO_ORDER, NOT_ACCEPTED, PAID,
  SENDING, SLOW, TOO_MANY_ATTEMPTS, UNDECIDED, WAITING, WRONG_KEY,
} from "./texts.js";

/** @typedef {import("./api.js").Order} Order */
/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {import("./api.js").PaymentRequest} PaymentRequest */
/** @typedef {import("./forms.js").UpiForm | import("./forms.js").CardForm} Form */

const ORDER_ID = /^order_[A-Za-z0-9]{16}$/;
const POLL_MS = 2_000;
const SLOW_MS = 30_000; // three times the duration of a payment
const PATIENCE_MS = 600_000; // then the buyer decides whether to keep waiting
const NO_SUCH_ORDER = { code: "NOT_FOUND_ERROR", description: "Order not found" }; // the API's error
const NO_NETWORK = { code: "NETWORK_ERROR", message: "The API did not respond" };

export class Checkout {
  #api;
  #view;
  #shop;
  #leaving;
  #orderId;
  #key;
  #isPaying = false;

  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./view.js").View} parts.view
   * @param {import("./shop.js").Shop} parts.shop
   * @param {import("./leaving.js").Leaving} parts.leaving
   * @param {string} parts.orderId
   * @param {string} parts.key the shop's API key; empty if the page's address has none
   */
  constructor({ api, view, shop, leaving, orderId, key }) {
    this.#api = api;
    this.#view = view;
    this.#shop = shop;
    this.#leaving = leaving;
    this.#orderId = orderId;
    this.#key = key;
  }

  /** Show the order. Continues with an open payment, also one from another browser. */
  async start() {
    try {
      if (!ORDER_ID.test(this.#orderId)) throw new Refused(NO_SUCH_ORDER);
      const order = await this.#api.order(this.#orderId, this.#key);
      this.#view.showOrder(order);
      if (order.status === "paid") return this.#alreadyPaid(order);
      if (order.payment_id) return this.#follow(order.payment_id, IN_PROGRESS);
      this.#view.showForms({ focus: false });
    } catch (error) {
      if (!(error instanceof Refused)) return this.#end(NO_CONNECTION, NO_NETWORK, () => this.#startAgain());
      console.error(`PaymentGateway: ${error.code}: ${error.message}`); // for the shop's developer
      this.#end(error.field === "key" ? WRONG_KEY : NO_ORDER, error);
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
      await this.#send({ order_id: this.#orderId, ...form.instrument }, randomKey(), form);
    } finally {
      this.#isPaying = false;
    }
  }

  /**
   * @param {PaymentRequest} request kept only in memory, until there is a response
   * @param {string} key the idempotency key
   * @param {Form} form
   * @returns {Promise<void>}
   */
  async #send(request, key, form) {
    this.#view.showProcessing(SENDING);
    this.#leaving.processing(null);
    try {
      const payment = await sendUntilAnswered(this.#api, request, key);
      form.sent();
      await this.#follow(payment.id, WAITING);
    } catch (error) {
      if (error instanceof Refused) return this.#refused(error, form);
      this.#view.showError({ ...NO_ANSWER, retry: () => this.#send(request, key, form) });
    }
  }

  /**
   * @param {Refused} error
   * @param {Form} form
   * @returns {Promise<void> | void}
   */
  #refused(error, form) {
    const { code, field, paymentId } = error;
    const isOver = ["PAYMENT_IN_PROGRESS", "ORDER_ALREADY_PAID", "ORDER_EXPIRED", "TOO_MANY_ATTEMPTS"].includes(code);
    if (isOver) form.sent(); // the card number is no longer needed
    if (code === "PAYMENT_IN_PROGRESS" && paymentId) return this.#follow(paymentId, IN_PROGRESS);
    this.#leaving.settled();
    if (code === "PAYMENT_IN_PROGRESS" || code === "ORDER_ALREADY_PAID") return this.#startAgain();
    if (code === "ORDER_EXPIRED") return this.#end(EXPIRED_ORDER, error);
    if (code === "TOO_MANY_ATTEMPTS") return this.#end(TOO_MANY_ATTEMPTS, error);
    this.#view.showForms();
    if (!form.refuse(field)) this.#view.showError({ ...NOT_ACCEPTED, retry: () => this.#view.showForms() });
  }

  /**
   * @param {string} paymentId
   * @param {string} message
   * @returns {Promise<void>}
   */
  async #follow(paymentId, message) {
    const began = performance.now();
    this.#view.showProcessing(message);
    this.#leaving.processing(paymentId);
    while (performance.now() - began < PATIENCE_MS) {
      const payment = await this.#look(paymentId);
      if (payment?.status === "success") return this.#succeed(payment);
      if (payment?.status === "failed") return this.#fail(payment);
      const isSlow = performance.now() - began > SLOW_MS;
      this.#view.showProcessing(!payment ? CUT_OFF : isSlow ? SLOW : message);
      await sleep(POLL_MS);
    }
    this.#view.showError({ ...UNDECIDED, retry: () => this.#follow(paymentId, message) });
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
  #succeed({ id: paymentId, order_id: orderId, amount, currency }) {
    this.#paid(PAID, { paymentId, orderId, amount, currency });
  }

  /** @param {Order} order was paid earlier, or in another browser: the shop continues as after a payment */
  #alreadyPaid({ id: orderId, payment_id: paymentId, amount, currency }) {
    this.#paid(ALREADY_PAID, { paymentId: paymentId ?? "", orderId, amount, currency });
  }

  /**
   * @param {string} title
   * @param {{paymentId: string, orderId: string, amount: number, currency: string}} payment
   */
  #paid(title, payment) {
    this.#leaving.settled();
    this.#view.showSuccess(title, payment.paymentId);
    this.#shop.send("payment_success", { ...payment, status: "success" });
  }

  /** @param {Payment} payment */
  #fail(payment) {
    const failure = failureOf(payment);
    this.#leaving.settled();
    this.#view.showError({ title: FAILED, message: failure.error, retry: () => this.#view.showForms() });
    this.#shop.send("payment_failed", failure);
  }

  /**
   * The order cannot be paid, or not at this time.
   * @param {import("./outcome.js").Problem} problem
   * @param {{code: string, message: string}} cause for the shop's developer
   * @param {() => void} [retry]
   */
  #end(problem, cause, retry) {
    this.#view.showError({ ...problem, ...(retry && { retry }) });
    this.#shop.send("payment_failed", notStarted(this.#orderId, problem, cause));
  }
}
