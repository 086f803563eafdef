/** The API's public routes. */

const PATIENCE_MS = 10_000; // a first start of the function, and to spare

/** @typedef {{id: string, amount: number, currency: string, status: string}} Order */
/**
 * @typedef {object} Payment
 * @property {string} id
 * @property {string} order_id
 * @property {number} amount in minor units
 * @property {string} currency
 * @property {"pending" | "success" | "failed"} status
 * @property {string} [error_code]
 * @property {string} [error_description]
 */
/** @typedef {{number: string, expiry_month: string, expiry_year: string, cvv: string, holder_name: string}} Card */
/** @typedef {{method: "upi", vpa: string} | {method: "card", card: Card}} Instrument */
/** @typedef {Instrument & {order_id: string}} PaymentRequest */

/** The API answered that it will not do it; nothing was done. */
export class Refused extends Error {
  /** @param {{code?: string, field?: string} | undefined} error */
  constructor(error) {
    super(error?.code ?? "unknown");
    this.code = error?.code;
    this.field = error?.field;
  }
}

/** No answer, or none that says what was done. */
export class Unreachable extends Error {}

export class Api {
  #address;

  /** @param {string} url */
  constructor(url) {
    this.#address = `${url}/api/v1`;
  }

  /**
   * @param {string} id
   * @returns {Promise<Order>}
   */
  order(id) {
    return this.#ask(`/orders/${encodeURIComponent(id)}/public`);
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
    if (response.status === 429 || response.status >= 500) throw new Unreachable();
    throw new Refused(body.error);
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
      return [response, await response.json()];
    } catch (error) {
      throw new Unreachable("no answer", { cause: error });
    }
  }
}
