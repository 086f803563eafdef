/** Sends a payment until the API responds. The idempotency key prevents a second payment. */

import { Unreachable } from "./api.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./api.js").PaymentRequest} PaymentRequest */

const SEND_AGAIN_AFTER_MS = [1_000, 3_000]; // covers short interruptions; after that, the buyer decides
const KEY_BYTES = 16;

/**
 * @param {Api} api
 * @param {PaymentRequest} request
 * @param {string} key the same for every try
 * @throws {Unreachable} if the last try got no response
 */
export async function sendUntilAnswered(api, request, key) {
  for (const waitMs of SEND_AGAIN_AFTER_MS) {
    try {
      return await api.pay(request, key);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      await sleep(waitMs);
    }
  }
  return api.pay(request, key);
}

/** An idempotency key. crypto.randomUUID is not available on sites without TLS, such as a bucket's website. */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A wait that can end early. */
export class Pause {
  #isEnded = false;
  /** @type {() => void} */
  #resolve = () => {};

  /** @param {number} ms */
  async wait(ms) {
    if (!this.#isEnded) await Promise.race([sleep(ms), new Promise((resolve) => (this.#resolve = () => resolve(null)))]);
    this.#isEnded = false;
  }

  /** End the current wait, or the next one if none has begun. */
  end() {
    this.#isEnded = true;
    this.#resolve();
  }
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
