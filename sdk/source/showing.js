/** One showing of the checkout page: in a dialog over the shop's page, or inline in an element of it. */

import { adoptStyle } from "./style.js";
import { textsFor } from "./texts.js";

/** @typedef {import("../checkout.d.ts").PaymentGatewayOptions} Options */
/** @typedef {import("../checkout.d.ts").PaymentSuccess} Success */
/** @typedef {import("../checkout.d.ts").PaymentFailure} Failure */
/** @typedef {import("../checkout.d.ts").CheckoutClosed} Closed */

const READY_WITHIN_MS = 10_000; // a page that is not up by then is not coming
const ANSWER_WITHIN_MS = 2_000; // a page that does not answer by then must not keep the buyer
const HANDSHAKE = 3; // from 2 on, payment_progress and close_requested are understood; from 3 on, usable and height
const MAX_HEIGHT_PX = 4_000; // longer than the page in every language at 320 px
const DIALOG_ID = "payment-gateway-modal";

/**
 * Where every copy of this script on a page finds the open checkout: two of them could take two payments.
 */
const OPEN = Symbol.for("payment-gateway.open-checkout");
const page = /** @type {{[OPEN]?: Showing}} */ (/** @type {unknown} */ (globalThis));

/**
 * The open checkout if it is this one, or a new one in its place.
 * @param {URL} url
 * @param {Options} options
 * @param {Element} [container] of an inline checkout
 */
export function show(url, options, container) {
  const open = page[OPEN];
  if (open?.isOpen && open.url.href === url.href && open.container === container) return open;
  open?.end("replaced");
  closeOlderCopies();
  const showing = (page[OPEN] = new Showing(url, options, container));
  showing.start();
  return showing;
}

/** Older copies do not use the symbol. Their own button closes their dialog. */
function closeOlderCopies() {
  const dialog = document.getElementById(DIALOG_ID);
  /** @type {HTMLElement | null | undefined} */ (dialog?.querySelector("[data-test-id=close-modal-button]"))?.click();
  dialog?.remove();
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {string} [testId]
 */
function element(tag, properties, testId) {
  const made = Object.assign(document.createElement(tag), properties);
  if (testId) made.setAttribute("data-test-id", testId);
  return made;
}

/** Other copies of the script use the public members. */
class Showing {
  #options;
  #texts;
  #settle = /** @type {(payment: Success | null) => void} */ (() => {});
  #payment = /** @type {Success | null} */ (null);
  #paymentId = /** @type {string | null} */ (null);
  #mustAsk = false;
  #isUsable = false;
  #ended = new AbortController();
  #loadTimer = 0;
  #closeTimer = 0;

  /** @type {HTMLDialogElement | undefined} */
  #dialog;
  #root;
  #iframe;
  #note = element("div", { role: "status" });
  #text = element("span", {});
  #again;
  #close;

  /**
   * @param {URL} url
   * @param {Options} options
   * @param {Element} [container]
   */
  constructor(url, options, container) {
    this.url = url;
    this.container = container;
    this.#options = options;
    const [lang, texts] = textsFor([options.locale, ...navigator.languages]);
    const { label, close, again } = (this.#texts = texts);
    const root = { lang, className: "payment-gateway" };
    if (!container) this.#dialog = element("dialog", { ...root, id: DIALOG_ID, ariaLabel: label }, "payment-modal");
    this.#root = this.#dialog ?? element("div", root, "payment-inline");
    this.#iframe = element("iframe", { title: label }, "payment-iframe");
    this.#again = element("button", { type: "button", textContent: again });
    this.#close = element("button", { type: "button", ariaLabel: close, textContent: "×" }, "close-modal-button");
    this.#close.autofocus = true;
    /** @type {Promise<Success | null>} */
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
  }

  get isOpen() {
    return this.#root.isConnected; // a shop's page may have removed it
  }

  start() {
    adoptStyle();
    this.#listen();
    const dark = this.#options.theme?.dark;
    this.#root.style.colorScheme = dark == null ? "light dark" : dark ? "dark" : "light";
    this.#note.append(this.#text, this.#again);
    this.#root.append(this.#iframe, this.#note);
    this.#load(); // first, or the empty page that a frame begins with would be greeted
    this.#dialog?.append(this.#close);
    (this.container ?? document.body).append(this.#root);
    this.#dialog?.showModal();
  }

  /** @param {Closed["reason"]} reason */
  end(reason) {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    clearTimeout(this.#loadTimer);
    clearTimeout(this.#closeTimer);
    this.#dialog?.close(); // returns the focus
    this.#root.remove();
    if (page[OPEN] === this) delete page[OPEN];
    this.#settle(this.#payment);
    const report = () => this.#options.onClose?.({ reason, paymentId: this.#paymentId });
    reason === "replaced" ? queueMicrotask(report) : report(); // after the next one has opened
  }

  #listen() {
    const { signal } = this.#ended;
    this.#close.addEventListener("click", () => this.#askToClose(), { signal });
    this.#dialog?.addEventListener("cancel", (event) => this.#cancelled(event), { signal }); // Escape
    this.#dialog?.addEventListener("close", () => this.#closed(), { signal });
    this.#again.addEventListener("click", () => this.#load(), { signal });
    this.#iframe.addEventListener("load", () => this.#connect(), { signal });
    window.addEventListener("message", (event) => this.#receive(event), { signal });
    document.addEventListener("securitypolicyviolation", (event) => this.#blocked(event), { signal });
  }

  #load() {
    this.#text.textContent = this.#texts.opening;
    this.#again.hidden = true;
    this.#iframe.src = this.url.href;
    clearTimeout(this.#loadTimer);
    this.#loadTimer = setTimeout(() => this.#notLoaded("did not load"), READY_WITHIN_MS);
  }

  /** @param {SecurityPolicyViolationEvent} event */
  #blocked({ effectiveDirective, blockedURI }) {
    if (effectiveDirective !== "frame-src" || !blockedURI.startsWith(this.url.origin)) return;
    this.#notLoaded("is blocked by the policy (CSP) of your page");
  }

  /** @param {string} reason */
  #notLoaded(reason) {
    clearTimeout(this.#loadTimer);
    const { notLoaded: error } = this.#texts;
    this.#text.textContent = error;
    this.#again.hidden = false;
    if (this.#dialog) this.#again.focus();
    const description = `The checkout page at ${this.url.origin} ${reason}`;
    console.error(`PaymentGateway: ${description}`);
    const code = "PAGE_NOT_LOADED";
    const { orderId } = this.#options;
    this.#fail({ error, reason: "not_started", description, code, paymentId: "", orderId });
  }

  #connect() {
    const { prefill, theme, locale, confirmClose } = this.#options;
    this.#send({ type: "connect", version: HANDSHAKE, prefill, theme, locale, confirmClose });
  }

  /** @param {object} message */
  #send(message) {
    this.#iframe.contentWindow?.postMessage(message, this.url.origin);
  }

  /** @param {MessageEvent} event */
  #receive(event) {
    if (event.source !== this.#iframe.contentWindow || event.origin !== this.url.origin) return;
    const { type, data } = event.data ?? {};
    if (type === "ready") this.#reveal(data);
    if (type === "usable") this.#usable();
    if (type === "height" && this.container) this.#iframe.style.height = `${Math.min(data.height, MAX_HEIGHT_PX)}px`;
    if (type === "payment_progress") this.#progress(data);
    if (type === "payment_success") this.#succeed(data);
    if (type === "payment_failed") this.#fail(data);
    if (type === "close_asked") clearTimeout(this.#closeTimer);
    if (type === "close_modal" && this.#dialog) data?.confirmed ? this.end("buyer") : this.#askToClose();
  }

  /** @param {{version?: number} | undefined} data older pages have no version, and do not send `usable` */
  #reveal(data) {
    clearTimeout(this.#loadTimer);
    this.#note.hidden = true;
    if (this.#dialog) this.#iframe.focus();
    if (!data?.version) this.#usable();
  }

  #usable() {
    if (!this.#isUsable) this.#options.onReady?.();
    this.#isUsable = true;
  }

  /** @param {{isProcessing: boolean, paymentId: string | null, hasInput?: boolean}} progress */
  #progress({ isProcessing, paymentId, hasInput }) {
    this.#mustAsk = isProcessing || Boolean(this.#options.confirmClose && hasInput);
    this.#paymentId = paymentId;
  }

  /** The page asks the buyer, if it must. */
  #askToClose() {
    if (!this.#mustAsk) return this.end("buyer");
    this.#iframe.focus();
    this.#send({ type: "close_requested" });
    clearTimeout(this.#closeTimer);
    this.#closeTimer = setTimeout(() => this.end("buyer"), ANSWER_WITHIN_MS);
  }

  /** @param {Event} event */
  #cancelled(event) {
    event.preventDefault();
    this.#askToClose();
  }

  /** On a second Escape, browsers close a dialog without asking. */
  #closed() {
    if (this.#mustAsk && this.isOpen) this.#dialog?.showModal();
    this.#askToClose();
  }

  /** @param {Failure & {cause?: string}} failure `cause` is exact; `code` is one of the API's, which has fewer */
  #fail({ cause, ...failure }) {
    const { onError, onFailure } = this.#options;
    const { reason, error: message, code, description, orderId } = failure;
    if (reason !== "not_started" || !onError) return onFailure?.(failure);
    onError({ code: cause ?? code, message, description, orderId });
  }

  /** @param {Success} payment */
  #succeed(payment) {
    this.#payment = payment;
    this.#paymentId = payment.paymentId;
    try {
      this.#options.onSuccess?.(payment);
    } finally {
      this.#dialog ? this.end("success") : this.#settle(payment);
    }
  }
}
