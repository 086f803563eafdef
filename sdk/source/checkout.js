/**
 * PaymentGateway: the hosted checkout page on a shop's page, in a dialog or inline, or in its place.
 *
 * `python -m infra.sdk` builds sdk/checkout.js from this folder: one file without dependencies. Types: checkout.d.ts.
 */

import { show } from "./showing.js";

/** @typedef {import("../checkout.d.ts").PaymentGatewayOptions} Options */
/** @typedef {ReturnType<typeof show>} Showing */

const CALLBACKS = /** @type {const} */ (["onSuccess", "onFailure", "onClose", "onReady", "onError"]);
const script = /** @type {HTMLScriptElement | null | undefined} */ (globalThis.document?.currentScript);

/** @param {unknown} value */
const shown = (value) => (typeof value === "string" ? `"${value}"` : `${value}`);

/**
 * @param {string} name
 * @param {string} expected
 * @param {unknown} value
 */
const wrong = (name, expected, value) =>
  new TypeError(`PaymentGateway: ${name} must be ${expected}, but ${shown(value)} came`);

/**
 * @param {Options} options
 * @param {"key" | "orderId" | "checkoutUrl"} name
 * @param {string} example
 */
function textOf(options, name, example) {
  const value = options[name];
  if (typeof value === "string" && value.trim()) return value;
  throw wrong(name, `text such as "${example}"`, value);
}

globalThis.PaymentGateway = class PaymentGateway {
  static checkoutUrl = script?.src && new URL(".", script.src).href;

  #options;
  #key;
  #orderId;
  #page;
  /** @type {Showing | undefined} */
  #showing;

  /** @param {Options} options */
  constructor(options) {
    this.#options = { checkoutUrl: PaymentGateway.checkoutUrl, ...options };
    this.#key = textOf(this.#options, "key", "key_test_abc123");
    this.#orderId = textOf(this.#options, "orderId", "order_NXhj67fGH2jk9mPq");
    const checkout = textOf(this.#options, "checkoutUrl", "https://checkout.example");
    for (const name of CALLBACKS) {
      const value = this.#options[name];
      if (value != null && typeof value !== "function") throw wrong(name, "a function", value);
    }
    this.#page = new URL(`${checkout.replace(/\/+$/, "")}/checkout`);
  }

  open() {
    this.#show();
  }

  close() {
    this.#showing?.end("merchant");
  }

  pay() {
    return this.#show().outcome;
  }

  /** @param {Element | string} container */
  mount(container) {
    const found = typeof container === "string" ? document.querySelector(container) : container;
    if (!(found instanceof Element)) throw wrong("container", "an element or its selector", container);
    this.#showing = show(this.#address({ embedded: "true" }, { mode: "inline" }), this.#options, found);
  }

  unmount() {
    this.close();
  }

  redirect() {
    const url = new URL(this.#options.returnUrl ?? "", window.location.href);
    if (!/^https?:$/.test(url.protocol)) throw wrong("returnUrl", "a URL of your site", url);
    window.location.assign(this.#address({}, { mode: "redirect", return_url: url.href }));
  }

  #show() {
    return (this.#showing = show(this.#address({ embedded: "true" }), this.#options));
  }

  /**
   * @param {Record<string, string>} first the contract defines the order of the first parameters
   * @param {Record<string, string>} [last]
   */
  #address(first, last) {
    const { locale } = this.#options;
    const url = new URL(this.#page);
    const ids = { order_id: this.#orderId, ...first, key: this.#key };
    url.search = `${new URLSearchParams({ ...ids, ...last, ...(locale && { locale }) })}`;
    return url;
  }
};
