/**
 * The shop's page around this one. The SDK starts with `connect`, and from then on only its origin gets messages.
 * SDK copies that are older than `connect` get them as well: they listen, but never send anything.
 */

const SDK_WITH_PROGRESS = 2; // the version in `connect` from which an SDK takes more than the contract's messages

/**
 * What the shop wishes, as it came.
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
    if (this.#takesProgress) this.tell("payment_progress", progress);
  }

  /** Close the checkout. `confirmed` tells an SDK that the buyer has already confirmed it. */
  close() {
    this.tell("close_modal", this.#takesProgress ? { confirmed: true } : {});
  }

  /** The buyer was asked whether to leave. */
  asked() {
    if (this.#takesProgress) this.tell("close_asked", {});
  }

  /**
   * @param {"ready" | "payment_success" | "payment_failed" | "close_modal" | "payment_progress" | "close_asked"} type
   * @param {object} data nothing private: a parent without an origin of its own gets it too
   */
  tell(type, data) {
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
    this.tell("ready", {});
    this.progress(this.#progress);
  }
}

/** Where a shop is that sent no `connect`: as the browser says, else as the referrer says. */
function originOfSilentShop() {
  const named = window.location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  return addressOf(named);
}

/**
 * How messages to an origin are addressed. The origin of a file or a sandbox has no name: then it is any.
 * @param {string} origin
 */
const addressOf = (origin) => (origin && origin !== "null" ? origin : "*");
