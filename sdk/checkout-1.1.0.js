/**
 * PaymentGateway: opens the hosted checkout page over a shop's own page.
 * One file without dependencies, served as it stands. Types: checkout.d.ts.
 */
{
  /** @typedef {import("./checkout.d.ts").PaymentGatewayOptions} Options */
  /** @typedef {import("./checkout.d.ts").PaymentSuccess} Success */
  /** @typedef {import("./checkout.d.ts").CheckoutClosed} Closed */

  const READY_WITHIN_MS = 10_000; // a page that is not up by then is not coming
  const ANSWER_WITHIN_MS = 2_000; // a page that does not answer by then must not keep the buyer
  const HANDSHAKE = 2; // from version 2 on, payment_progress and close_requested are understood
  const DIALOG_ID = "payment-gateway-modal";
  const script = /** @type {HTMLScriptElement | null | undefined} */ (globalThis.document?.currentScript);

  // Adopted, not inline: a shop's Content-Security-Policy may forbid inline styles.
  const STYLE = `
html:has(#payment-gateway-modal[open]) { overflow: hidden; }
#payment-gateway-modal {
  position: fixed; inset: 0; box-sizing: border-box; margin: auto; padding: 0; overflow: hidden;
  width: 440px; max-width: calc(100vw - 32px); height: 660px; max-height: calc(100dvh - 32px);
  border: 0; border-radius: 16px; box-shadow: 0 24px 64px rgb(10 14 28 / 35%);
  background: light-dark(#fff, #171a21); color: light-dark(#1b2130, #eceef3); font: 16px/1.5 system-ui, sans-serif;
}
#payment-gateway-modal::backdrop { background: rgb(12 16 28 / 55%); }
#payment-gateway-modal iframe { display: block; width: 100%; height: 100%; border: 0; outline: 0; }
#payment-gateway-modal [role=status] {
  position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 16px;
  padding: 32px; text-align: center; background: inherit;
}
#payment-gateway-modal [hidden] { display: none; }
#payment-gateway-modal button {
  padding: 8px 16px; border: 1px solid; border-radius: 8px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
#payment-gateway-modal [data-test-id=close-modal-button] {
  position: absolute; top: 12px; right: 12px; width: 36px; height: 36px; padding: 0;
  border-color: transparent; border-radius: 50%; font-size: 24px; line-height: 1;
}
#payment-gateway-modal button:hover { background: rgb(128 128 128 / 18%); }
#payment-gateway-modal button:focus-visible { outline: 2px solid; outline-offset: 2px; }
@media (max-width: 500px) {
  #payment-gateway-modal { width: 100%; max-width: none; height: 100dvh; max-height: none; border-radius: 0; }
}`;

  /** @type {CSSStyleSheet | undefined} */
  let sheet;

  const adoptStyle = () => {
    if (sheet) return;
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };

  /**
   * @template {keyof HTMLElementTagNameMap} Tag
   * @param {Tag} tag
   * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
   * @param {string} [testId]
   */
  const element = (tag, properties, testId) => {
    const made = Object.assign(document.createElement(tag), properties);
    if (testId) made.setAttribute("data-test-id", testId);
    return made;
  };

  /**
   * Where every copy of this script on a page finds the open checkout: two dialogs could take two payments.
   */
  const OPEN = Symbol.for("payment-gateway.open-checkout");
  const page = /** @type {{[OPEN]?: Showing}} */ (/** @type {unknown} */ (globalThis));

  /** Older copies do not use the symbol. Their own button closes their dialog. */
  const closeOlderCopies = () => {
    const dialog = document.getElementById(DIALOG_ID);
    /** @type {HTMLElement | null | undefined} */ (dialog?.querySelector("[data-test-id=close-modal-button]"))?.click();
    dialog?.remove();
  };

  /** One showing of the checkout page. Other copies use its public members. */
  class Showing {
    #options;
    #settle = /** @type {(payment: Success | null) => void} */ (() => {});
    #payment = /** @type {Success | null} */ (null);
    #paymentId = /** @type {string | null} */ (null);
    #isProcessing = false;
    #ended = new AbortController();
    #loadTimer = 0;
    #closeTimer = 0;

    #dialog = element("dialog", { id: DIALOG_ID, ariaLabel: "Payment" }, "payment-modal");
    #iframe = element("iframe", { title: "Payment" }, "payment-iframe");
    #note = element("div", { role: "status" });
    #text = element("span", {});
    #again = element("button", { type: "button", textContent: "Try again" });
    #close = element(
      "button",
      { type: "button", ariaLabel: "Close", textContent: "×", autofocus: true },
      "close-modal-button",
    );

    /**
     * @param {URL} url
     * @param {Options} options
     */
    constructor(url, options) {
      this.url = url;
      this.#options = options;
      /** @type {Promise<Success | null>} */
      this.outcome = new Promise((resolve) => (this.#settle = resolve));
    }

    get isOpen() {
      return this.#dialog.isConnected; // a shop's page may have removed it
    }

    start() {
      adoptStyle();
      this.#listen();
      const dark = this.#options.theme?.dark;
      this.#dialog.style.colorScheme = dark == null ? "light dark" : dark ? "dark" : "light";
      this.#note.append(this.#text, this.#again);
      this.#dialog.append(this.#iframe, this.#note, this.#close);
      this.#load(); // first, or the empty page that a frame begins with would be greeted
      document.body.append(this.#dialog);
      this.#dialog.showModal();
    }

    /** @param {Closed["reason"]} reason */
    end(reason) {
      if (this.#ended.signal.aborted) return;
      this.#ended.abort();
      clearTimeout(this.#loadTimer);
      clearTimeout(this.#closeTimer);
      this.#dialog.close(); // gives the focus back
      this.#dialog.remove();
      if (page[OPEN] === this) delete page[OPEN];
      this.#settle(this.#payment);
      const tell = () => this.#options.onClose?.({ reason, paymentId: this.#paymentId });
      reason === "replaced" ? queueMicrotask(tell) : tell(); // after the next one has opened
    }

    #listen() {
      const { signal } = this.#ended;
      this.#close.addEventListener("click", () => this.#askToClose(), { signal });
      this.#dialog.addEventListener("cancel", (event) => this.#cancelled(event), { signal }); // Escape
      this.#dialog.addEventListener("close", () => this.#closed(), { signal });
      this.#again.addEventListener("click", () => this.#load(), { signal });
      this.#iframe.addEventListener("load", () => this.#connect(), { signal });
      window.addEventListener("message", (event) => this.#receive(event), { signal });
    }

    #load() {
      this.#text.textContent = "Opening the payment page…";
      this.#again.hidden = true;
      this.#iframe.src = this.url.href;
      clearTimeout(this.#loadTimer);
      this.#loadTimer = setTimeout(() => this.#notLoaded(), READY_WITHIN_MS);
    }

    #notLoaded() {
      this.#text.textContent = "The payment page did not open.";
      this.#again.hidden = false;
      this.#again.focus();
      const description = `The checkout page at ${this.url.origin} did not load`;
      console.error(`PaymentGateway: ${description}`);
      this.#options.onFailure?.({
        error: "The payment page did not open. Check your connection and try again.",
        reason: "not_started",
        description,
        code: "PAGE_NOT_LOADED",
        paymentId: "",
        orderId: this.#options.orderId,
      });
    }

    #connect() {
      const { prefill, theme, locale } = this.#options;
      this.#send({ type: "connect", version: HANDSHAKE, prefill, theme, locale });
    }

    /** @param {object} message */
    #send(message) {
      this.#iframe.contentWindow?.postMessage(message, this.url.origin);
    }

    /** @param {MessageEvent} event */
    #receive(event) {
      if (event.source !== this.#iframe.contentWindow || event.origin !== this.url.origin) return;
      const { type, data } = event.data ?? {};
      if (type === "ready") this.#reveal();
      if (type === "payment_progress") this.#progress(data);
      if (type === "payment_success") this.#succeed(data);
      if (type === "payment_failed") this.#options.onFailure?.(data);
      if (type === "close_asked") clearTimeout(this.#closeTimer);
      if (type === "close_modal") data?.confirmed ? this.end("buyer") : this.#askToClose();
    }

    #reveal() {
      clearTimeout(this.#loadTimer);
      this.#note.hidden = true;
      this.#iframe.focus();
    }

    /** @param {{isProcessing: boolean, paymentId: string | null}} progress */
    #progress({ isProcessing, paymentId }) {
      this.#isProcessing = isProcessing;
      this.#paymentId = paymentId;
    }

    /** While a payment is processed, the page asks the buyer first. */
    #askToClose() {
      if (!this.#isProcessing) return this.end("buyer");
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
      if (this.#isProcessing && this.isOpen) this.#dialog.showModal();
      this.#askToClose();
    }

    /** @param {Success} payment */
    #succeed(payment) {
      this.#payment = payment;
      this.#paymentId = payment.paymentId;
      try {
        this.#options.onSuccess?.(payment);
      } finally {
        this.end("success");
      }
    }
  }

  /** @param {unknown} value */
  const shown = (value) => (typeof value === "string" ? `"${value}"` : `${value}`);

  /**
   * @param {Options} options
   * @param {"key" | "orderId" | "checkoutUrl"} name
   * @param {string} example
   */
  const textOf = (options, name, example) => {
    const value = options[name];
    if (typeof value === "string" && value.trim()) return value;
    throw new TypeError(`PaymentGateway: ${name} must be text such as "${example}", but ${shown(value)} came`);
  };

  /**
   * @param {Options} options
   * @param {"onSuccess" | "onFailure" | "onClose"} name
   */
  const requireCallback = (options, name) => {
    const value = options[name];
    if (value == null || typeof value === "function") return;
    throw new TypeError(`PaymentGateway: ${name} must be a function, but ${shown(value)} came`);
  };

  globalThis.PaymentGateway = class PaymentGateway {
    static checkoutUrl = script?.src && new URL(".", script.src).href;

    #options;
    #url;
    /** @type {Showing | undefined} */
    #showing;

    /** @param {Options} options */
    constructor(options) {
      this.#options = { checkoutUrl: PaymentGateway.checkoutUrl, ...options };
      const key = textOf(this.#options, "key", "key_test_abc123");
      const orderId = textOf(this.#options, "orderId", "order_NXhj67fGH2jk9mPq");
      const checkout = textOf(this.#options, "checkoutUrl", "https://checkout.example");
      requireCallback(this.#options, "onSuccess");
      requireCallback(this.#options, "onFailure");
      requireCallback(this.#options, "onClose");
      this.#url = new URL(`${checkout.replace(/\/+$/, "")}/checkout`);
      this.#url.search = `${new URLSearchParams({ order_id: orderId, embedded: "true", key })}`;
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

    /** The open checkout if it is this one, or a new one in its place. */
    #show() {
      const open = page[OPEN];
      if (open?.isOpen && open.url.href === this.#url.href) return (this.#showing = open);
      open?.end("replaced");
      closeOlderCopies();
      this.#showing = page[OPEN] = new Showing(this.#url, this.#options);
      this.#showing.start();
      return this.#showing;
    }
  };
}
