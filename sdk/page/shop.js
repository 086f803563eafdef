/**
 * The shop's page that embeds this one. The SDK first sends `connect`; from then on, messages go only to its origin.
 * SDK copies without `connect` also get messages, but never send any.
 */

const SDK_WITH_PROGRESS = 2; // the version in `connect` from which an SDK supports additional messages
const SDK_WITH_HEIGHT = 3; // and from which it also supports `usable` and `height`

/**
 * The shop's options, not validated.
 * @typedef {{prefill?: {vpa?: unknown, name?: unknown}, theme?: unknown, locale?: unknown, confirmClose?: unknown}} Wishes
 */
/**
 * The SDK's version of the messages is unknown before `connect`, so state is kept and sent then.
 * @typedef {{isProcessing: boolean, paymentId: string | null, hasInput: boolean}} Progress
 */

export class Shop {
  /** @type {string | undefined} */
  #address;
  #version = 0;
  #isUsable = false;
  #height = 0;
  /** @type {Progress} */
  #progress = { isProcessing: false, paymentId: null, hasInput: false };

  /** @param {boolean} isThere whether this page is in a frame; if not, nothing is sent */
  constructor(isThere) {
    this.isThere = isThere;
  }

  /**
   * @param {(wishes: Wishes) => Promise<boolean>} onConnect whether the page is ready then; if not, it loads again
   * @param {() => void} onCloseRequest
   */
  listen(onConnect, onCloseRequest) {
    if (!this.isThere) return;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent) return;
      if (event.data?.type === "connect") void this.#connect(event, onConnect);
      if (event.data?.type === "close_requested") onCloseRequest();
    });
  }

  /** @param {Progress} progress */
  progress(progress) {
    this.#progress = progress;
    if (this.#takesProgress) this.send("payment_progress", progress);
  }

  /** The buyer can pay, or a payment continues. */
  usable() {
    this.#isUsable = true;
    if (this.#version >= SDK_WITH_HEIGHT) this.send("usable", {});
  }

  /** @param {number} height of an inline page, in CSS pixels */
  height(height) {
    this.#height = height;
    if (this.#version >= SDK_WITH_HEIGHT) this.send("height", { height });
  }

  /** Close the checkout. `confirmed` means that the buyer has already confirmed it. */
  close() {
    this.send("close_modal", this.#takesProgress ? { confirmed: true } : {});
  }

  /** The buyer was asked whether to leave. */
  asked() {
    if (this.#takesProgress) this.send("close_asked", {});
  }

  get #takesProgress() {
    return this.#version >= SDK_WITH_PROGRESS;
  }

  /**
   * @param {"ready" | "payment_success" | "payment_failed" | "close_modal" | "payment_progress" | "close_asked" | "usable" | "height"} type
   * @param {object} data no private data, because a parent with an opaque origin also gets it
   */
  send(type, data) {
    if (this.isThere) window.parent.postMessage({ type, data }, this.#address ?? originOfSilentShop());
  }

  /**
   * @param {MessageEvent} event
   * @param {(wishes: Wishes) => Promise<boolean>} onConnect
   */
  async #connect(event, onConnect) {
    this.#address = addressOf(event.origin);
    if (!(await onConnect(event.data))) return;
    this.#version = Number(event.data.version) || 0;
    this.send("ready", { version: SDK_WITH_HEIGHT });
    this.progress(this.#progress);
    if (this.#height) this.height(this.#height);
    if (this.#isUsable) this.usable();
  }
}

/** The origin of a shop that sent no `connect`: from the browser, else from the referrer. */
function originOfSilentShop() {
  const named = window.location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  return addressOf(named);
}

/**
 * The target origin of messages. The origin of a file or a sandbox is opaque, so it needs `*`.
 * @param {string} origin
 */
const addressOf = (origin) => (origin && origin !== "null" ? origin : "*");
