/**
 * The try at paying an order that is under way. It is kept for as long as the tab lives, so that a reloaded page
 * goes on with it: its idempotency key, and once the API took it, the payment's id. Never what was typed.
 */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Shelf */

const KEY_BYTES = 16;

export class Attempt {
  #shelf;
  #name;
  /** @type {{key?: string, paymentId?: string}} */
  #kept;

  /**
   * @param {string} orderId
   * @param {Shelf} shelf
   */
  constructor(orderId, shelf) {
    this.#shelf = shelf;
    this.#name = `attempt:${orderId}`;
    this.#kept = JSON.parse(shelf.getItem(this.#name) ?? "{}");
  }

  /** The payment to follow. */
  get paymentId() {
    return this.#kept.paymentId;
  }

  /** Whether something was sent, and the answer never came. */
  get isUnanswered() {
    return Boolean(this.#kept.key) && !this.#kept.paymentId;
  }

  /** The idempotency key: the same until the attempt is over. */
  begin() {
    const key = this.#kept.key ?? randomKey();
    this.#keep({ key });
    return key;
  }

  /** @param {string} paymentId */
  accepted(paymentId) {
    this.#keep({ ...this.#kept, paymentId });
  }

  /** What comes next is another attempt. */
  end() {
    this.#kept = {};
    this.#shelf.removeItem(this.#name);
  }

  /** @param {{key?: string, paymentId?: string}} attempt */
  #keep(attempt) {
    this.#kept = attempt;
    this.#shelf.setItem(this.#name, JSON.stringify(attempt));
  }
}

/**
 * The tab's storage; where the browser forbids it in a frame, a stand-in that forgets with the page.
 * @returns {Shelf}
 */
export function openShelf() {
  try {
    return window.sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => {}, removeItem: () => {} };
  }
}

/** Not crypto.randomUUID, which is missing where a site is served without TLS, as a bucket's is. */
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
