/** The API's public routes. */

const PATIENCE_MS = 10_000; // a cold start of the function, with a margin

/**
 * @typedef {object} Order
 * @property {string} id
 * @property {number} amount in minor units
 * @property {string} currency
 * @property {"created" | "paid"} status
 * @property {{name: string}} [merchant]
 * @property {string | null} [payment_id] the open payment, or the payment that paid the order
 * @property {string[]} [upi_flows] "collect", "intent" and "qr"; older versions of the API support only "collect"
 * @property {"number" | "page" | null} [card_entry] where the buyer enters a card: here, or on a page of the acquirer;
 *   null without cards; older versions of the API support only "number"
 */
/**
 * @typedef {object} Payment
 * @property {string} id
 * @property {string} order_id
 * @property {number} amount in minor units
 * @property {string} currency
 * @property {"pending" | "success" | "failed"} status
 * @property {"upi" | "card"} [method]
 * @property {string} [error_code]
 * @property {string} [error_description]
 * @property {string} [decline_code]
 * @property {"never" | "other_method" | "later"} [retry]
 * @property {import("./next_action.js").ApiAction | null} [next_action] while the buyer has to act
 * @property {string} [return_url] the shop's page with a signed outcome, once the payment has one
 */
/** @typedef {{number: string, expiry_month: string, expiry_year: string, cvv: string, holder_name: string}} Card */
/** @typedef {{method: "upi", vpa: string} | {method: "upi", flow: string} | {method: "card", card?: Card}} Instrument */
/** @typedef {Instrument & {order_id: string, return_url?: string | undefined}} PaymentRequest */

/** The API rejected the request and changed nothing. */
export class Refused extends Error {
  /** @param {{code?: string, description?: string, field?: string, payment_id?: string} | undefined} error */
  constructor(error) {
    super(error?.description ?? "The request was rejected");
    this.code = error?.code ?? "UNKNOWN";
    this.field = error?.field;
    this.paymentId = error?.payment_id; // the order's open payment
  }
}

/** There is no response, or the result of the request is unknown. */
export class Unreachable extends Error {}

export class Api {
  #address;
  #clockOffsetMs = NaN;

  /** @param {string} url */
  constructor(url) {
    this.#address = `${url}/api/v1`;
  }

  /** The API's time in milliseconds, which does not depend on the buyer's clock. NaN until a response has it. */
  get now() {
    return performance.now() + this.#clockOffsetMs;
  }

  /**
   * @param {string} id
   * @param {string} key the shop's API key, which the API checks against the order's merchant; no check if empty
   * @returns {Promise<Order>}
   */
  order(id, key) {
    const query = key && `?${new URLSearchParams({ key })}`;
    return this.#ask(`/orders/${encodeURIComponent(id)}/public${query}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<Payment>}
   */
  payment(id) {
    return this.#ask(`/payments/${encodeURIComponent(id)}/public`);
  }

  /**
   * @param {PaymentRequest} request
   * @param {string} idempotencyKey
   * @returns {Promise<Payment>}
   */
  pay(request, idempotencyKey) {
    return this.#ask("/payments/public", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey },
      body: JSON.stringify(request),
    });
  }

  /**
   * @param {string} path
   * @param {RequestInit} [request]
   */
  async #ask(path, request) {
    const [response, body] = await this.#exchange(path, request);
    if (response.ok) return body;
    const isFinal = response.status < 500 && (response.status !== 429 || body.error?.code === "TOO_MANY_ATTEMPTS");
    throw isFinal ? new Refused(body.error) : new Unreachable();
  }

  /**
   * @param {string} path
   * @param {RequestInit} [request]
   * @returns {Promise<[Response, any]>}
   */
  async #exchange(path, request) {
    try {
      const response = await fetch(this.#address + path, {
        ...request,
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      this.#readClock(response.headers.get("Date"));
      return [response, await response.json()];
    } catch (error) {
      throw new Unreachable("no response", { cause: error });
    }
  }

  /**
   * The header is rounded down and arrives late, so the largest offset is the most exact one.
   * @param {string | null} date
   */
  #readClock(date) {
    const offsetMs = Date.parse(date ?? "") - performance.now();
    if (!(offsetMs <= this.#clockOffsetMs)) this.#clockOffsetMs = offsetMs;
  }
}
