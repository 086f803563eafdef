/**
 * The shop's page that embeds this one. The SDK first sends `connect`; from then on, messages go only to its origin.
 * SDK copies without `connect` also get messages, but never send any.
 */

const SDK_WITH_PROGRESS = 2; // the version in `connect` from which an SDK supports additional messages

/**
 * The shop's options, not validated.
 * @typedef {{prefill?: {vpa?: unknown, name?: unknown}, theme?: unknown, locale?: unknown}} Wishes
 */
/** @typedef {{isProcessing: boolean, paymentId: string | null}} Progress */

export class Shop {
  /** @type {string | undefined} */
  #address;
  #takesProgress = false;
  /** @type {Progress} */
  #progress = { isProcessing: false, paymentId: null };

  /** @param {boolean} isThere whether this page is in a frame; if not, nothing is sent */
  constructor(isThere) {
    this.isThere = isThere;
  }

  /**
   * @param {(wishes: Wishes) => void} onConnect
   * @param {() => void} onCloseRequest
   */
  listen(onConnect, onCloseRequest) {
    if (!this.isThere) return;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent) return;
      if (event.data?.type === "connect") this.#connect(event, onConnect);
      if (event.data?.type === "close_requested") onCloseRequest();
    });
  }

  /** @param {Progress} progress */
  progress(progress) {
    this.#progress = progress;
    if (this.#takesProgress) this.send("payment_progress", progress);
  }

  /** Close the checkout. `confirmed` means that the buyer has already confirmed it. */
  close() {
    this.send("close_modal", this.#takesProgress ? { confirmed: true } : {});
  }

  /** The buyer was asked whether to leave. */
  asked() {
    if (this.#takesProgress) this.send("close_asked", {});
  }

  /**
   * @param {"ready" | "payment_success" | "payment_failed" | "close_modal" | "payment_progress" | "close_asked"} type
   * @param {object} data no private data, because a parent with an opaque origin also gets it
   */
  send(type, data) {
    if (this.isThere) window.parent.postMessage({ type, data }, this.#address ?? originOfSilentShop());
  }

  /**
   * @param {MessageEvent} event
   * @param {(wishes: Wishes) => void} onConnect
   */
  #connect(event, onConnect) {
    this.#address = addressOf(event.origin);
    this.#takesProgress = event.data.version >= SDK_WITH_PROGRESS;
    onConnect(event.data);
    this.send("ready", {});
    this.progress(this.#progress);
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
