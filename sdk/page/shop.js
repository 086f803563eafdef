/**
 * The shop's page around this one. The SDK says hello with `connect`, and from then on its origin alone is told
 * what happens. SDK copies older than that greeting are told as well: they listen, but never speak.
 */

/**
 * What the shop wishes, as it came.
 * @typedef {{prefill?: {vpa?: unknown, name?: unknown}, theme?: unknown, locale?: unknown}} Wishes
 */

export class Shop {
  #isThere;
  /** @type {string | undefined} */
  #address;

  /** @param {boolean} isThere */
  constructor(isThere) {
    this.#isThere = isThere;
  }

  /** @param {(wishes: Wishes) => void} onConnect */
  listen(onConnect) {
    if (!this.#isThere) return;
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.data?.type !== "connect") return;
      this.#address = addressOf(event.origin);
      onConnect(event.data);
      this.tell("ready", {});
    });
  }

  /**
   * @param {"ready" | "payment_success" | "payment_failed" | "close_modal"} type
   * @param {object} data nothing private: who is there may have no origin to be told by
   */
  tell(type, data) {
    if (this.#isThere) window.parent.postMessage({ type, data }, this.#address ?? originOfSilentShop());
  }
}

/** Where a shop that never said hello is: as the browser says, else as the referrer says. */
function originOfSilentShop() {
  const told = window.location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
  return addressOf(told);
}

/**
 * How messages to an origin are addressed. That of a file or a sandbox has no name: whoever is there is meant.
 * @param {string} origin
 */
const addressOf = (origin) => (origin && origin !== "null" ? origin : "*");
