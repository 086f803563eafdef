/** Paying one order: from its summary to an outcome, over lost answers and reloads. */

import { Refused, Unreachable } from "./api.js";
import {
  CUT_OFF, FAILED, INTERRUPTED, NO_ANSWER, NO_CONNECTION, NO_ORDER, NOT_ACCEPTED, SENDING, SENT_BEFORE, SLOW, UNDECIDED,
  WAITING, failureMessage,
} from "./texts.js";

/** @typedef {import("./api.js").Payment} Payment */
/** @typedef {import("./api.js").PaymentRequest} PaymentRequest */
/** @typedef {import("./forms.js").UpiForm | import("./forms.js").CardForm} Form */

const ORDER_ID = /^order_[A-Za-z0-9]{16}$/;
const POLL_MS = 2_000;
const SLOW_MS = 30_000; // three times what a payment takes
const PATIENCE_MS = 600_000; // then the buyer says whether to wait on
const SEND_AGAIN_AFTER_MS = [1_000, 3_000]; // a glitch is over by then; longer, and the buyer decides

export class Checkout {
  #api;
  #view;
  #shop;
  #attempt;
  #orderId;
  #isPaying = false;

  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./view.js").View} parts.view
   * @param {import("./shop.js").Shop} parts.shop
   * @param {import("./attempt.js").Attempt} parts.attempt
   * @param {string} parts.orderId
   */
  constructor({ api, view, shop, attempt, orderId }) {
    this.#api = api;
    this.#view = view;
    this.#shop = shop;
    this.#attempt = attempt;
    this.#orderId = orderId;
  }

  /** Show the order, and go on with what was under way. */
  async start() {
    if (!ORDER_ID.test(this.#orderId)) return this.#view.showError(NO_ORDER);
    try {
      this.#view.showOrder(await this.#api.order(this.#orderId));
    } catch (error) {
      const later = { ...NO_CONNECTION, retry: () => this.#startAgain() };
      return this.#view.showError(error instanceof Refused ? NO_ORDER : later);
    }
    const { paymentId, isUnanswered } = this.#attempt;
    if (paymentId) return this.#follow(paymentId);
    this.#view.showForms({ note: isUnanswered ? INTERRUPTED : "", focus: false });
  }

  #startAgain() {
    this.#view.showForms({ focus: false }); // as on first sight, without an amount
    return this.start();
  }

  /**
   * Pay as the buyer filled `form` in; at most one payment at a time.
   * @param {Form} form
   */
  async pay(form) {
    if (this.#isPaying) return;
    this.#isPaying = true;
    try {
      await this.#send({ order_id: this.#orderId, ...form.instrument }, form);
    } finally {
      this.#isPaying = false;
    }
  }

  /**
   * @param {PaymentRequest} request is kept in memory until there is an answer, and nowhere else
   * @param {Form} form
   * @returns {Promise<void>}
   */
  async #send(request, form) {
    this.#view.showProcessing(SENDING);
    try {
      const payment = await this.#untilAnswered(request, this.#attempt.begin());
      this.#attempt.accepted(payment.id);
      form.clear();
      await this.#follow(payment.id);
    } catch (error) {
      if (error instanceof Refused) return this.#refused(error, form);
      this.#view.showError({ ...NO_ANSWER, retry: () => this.#send(request, form) });
    }
  }

  /**
   * @param {PaymentRequest} request
   * @param {string} key the same each time, so that however often it arrives, it is one payment
   */
  async #untilAnswered(request, key) {
    for (const waitMs of SEND_AGAIN_AFTER_MS) {
      try {
        return await this.#api.pay(request, key);
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        await sleep(waitMs);
      }
    }
    return this.#api.pay(request, key);
  }

  /**
   * @param {Refused} error
   * @param {Form} form
   */
  #refused(error, form) {
    this.#attempt.end();
    const retry = () => this.#view.showForms();
    if (error.code === "IDEMPOTENCY_KEY_REUSED") return this.#view.showError({ ...SENT_BEFORE, retry });
    this.#view.showForms();
    if (!form.refuse(error.field)) this.#view.showError({ ...NOT_ACCEPTED, retry });
  }

  /**
   * @param {string} paymentId
   * @returns {Promise<void>}
   */
  async #follow(paymentId) {
    const began = performance.now();
    this.#view.showProcessing(WAITING);
    while (performance.now() - began < PATIENCE_MS) {
      const payment = await this.#look(paymentId);
      if (payment?.status === "success") return this.#succeed(payment);
      if (payment?.status === "failed") return this.#fail(payment);
      const isSlow = performance.now() - began > SLOW_MS;
      this.#view.showProcessing(!payment ? CUT_OFF : isSlow ? SLOW : WAITING);
      await sleep(POLL_MS);
    }
    this.#view.showError({ ...UNDECIDED, retry: () => this.#follow(paymentId) });
  }

  /** @param {string} paymentId */
  async #look(paymentId) {
    try {
      return await this.#api.payment(paymentId);
    } catch {
      return null; // the next look may see it
    }
  }

  /** @param {Payment} payment */
  #succeed({ id, order_id: orderId, amount, currency, status }) {
    this.#view.showSuccess(id); // the attempt is kept: loaded again, the page says so again
    this.#shop.tell("payment_success", { paymentId: id, orderId, amount, currency, status });
  }

  /** @param {Payment} payment */
  #fail({ id, order_id: orderId, error_code: code, error_description: reason }) {
    const message = failureMessage(reason);
    this.#attempt.end();
    this.#view.showError({ title: FAILED, message, retry: () => this.#view.showForms() });
    this.#shop.tell("payment_failed", {
      error: message,
      reason: "payment_failed",
      description: reason ?? message,
      code: code ?? "PAYMENT_FAILED",
      paymentId: id,
      orderId,
    });
  }
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
