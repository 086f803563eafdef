/**
 * PaymentGateway: opens the hosted checkout page over a shop's own page.
 * One file without dependencies, served as it stands. Types: checkout.d.ts.
 */
{
  /** @typedef {import("./checkout.d.ts").PaymentGatewayOptions} Options */
  /** @typedef {import("./checkout.d.ts").PaymentSuccess} Success */

  const READY_WITHIN_MS = 10_000; // a page that is not up by then is not coming
  const HANDSHAKE = 1;
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

  /** One showing of the checkout page, from opening to closing. */
  class Showing {
    #page;
    #options;
    #onEnd;
    /** @type {Success | null} */
    #payment = null;
    #ended = new AbortController();
    #timer = 0;

    #dialog = element("dialog", { id: "payment-gateway-modal", ariaLabel: "Payment" }, "payment-modal");
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
     * @param {URL} page
     * @param {Options} options
     * @param {(payment: Success | null) => void} onEnd
     */
    constructor(page, options, onEnd) {
      this.#page = page;
      this.#options = options;
      this.#onEnd = onEnd;
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

    end() {
      if (this.#ended.signal.aborted) return;
      this.#ended.abort();
      clearTimeout(this.#timer);
      this.#dialog.close(); // gives the focus back
      this.#dialog.remove();
      this.#onEnd(this.#payment);
    }

    #listen() {
      const { signal } = this.#ended;
      this.#close.addEventListener("click", () => this.end(), { signal });
      this.#dialog.addEventListener("close", () => this.end(), { signal }); // Escape
      this.#again.addEventListener("click", () => this.#load(), { signal });
      this.#iframe.addEventListener("load", () => this.#connect(), { signal });
      window.addEventListener("message", (event) => this.#receive(event), { signal });
    }

    #load() {
      this.#text.textContent = "Opening the payment page…";
      this.#again.hidden = true;
      this.#iframe.src = this.#page.href;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#text.textContent = "The payment page did not open.";
        this.#again.hidden = false;
        this.#again.focus();
      }, READY_WITHIN_MS);
    }

    #connect() {
      const { prefill, theme, locale } = this.#options;
      const hello = { type: "connect", version: HANDSHAKE, prefill, theme, locale };
      this.#iframe.contentWindow?.postMessage(hello, this.#page.origin);
    }

    /** @param {MessageEvent} event */
    #receive(event) {
      if (event.source !== this.#iframe.contentWindow || event.origin !== this.#page.origin) return;
      const { type, data } = event.data ?? {};
      if (type === "ready") this.#reveal();
      if (type === "payment_success") this.#succeed(data);
      if (type === "payment_failed") this.#options.onFailure?.(data);
      if (type === "close_modal") this.end();
    }

    #reveal() {
      clearTimeout(this.#timer);
      this.#note.hidden = true;
      this.#iframe.focus();
    }

    /** @param {Success} payment */
    #succeed(payment) {
      this.#payment = payment;
      try {
        this.#options.onSuccess?.(payment);
      } finally {
        this.end();
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
    #page;
    /** @type {Showing | undefined} */
    #showing;
    /** @type {Promise<Success | null> | undefined} */
    #outcome;

    /** @param {Options} options */
    constructor(options) {
      this.#options = { checkoutUrl: PaymentGateway.checkoutUrl, ...options };
      const key = textOf(this.#options, "key", "key_test_abc123");
      const orderId = textOf(this.#options, "orderId", "order_NXhj67fGH2jk9mPq");
      const checkout = textOf(this.#options, "checkoutUrl", "https://checkout.example");
      requireCallback(this.#options, "onSuccess");
      requireCallback(this.#options, "onFailure");
      requireCallback(this.#options, "onClose");
      this.#page = new URL(`${checkout.replace(/\/+$/, "")}/checkout`);
      this.#page.search = `${new URLSearchParams({ order_id: orderId, embedded: "true", key })}`;
    }

    open() {
      this.#outcome ??= new Promise((resolve) => {
        this.#showing = new Showing(this.#page, this.#options, (payment) => {
          this.#showing = this.#outcome = undefined;
          resolve(payment);
          this.#options.onClose?.();
        });
        this.#showing.start();
      });
    }

    close() {
      this.#showing?.end();
    }

    pay() {
      this.open();
      return /** @type {Promise<Success | null>} */ (this.#outcome);
    }
  };
}
