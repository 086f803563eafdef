/** Idempotency keys. */

/** A new random key. `crypto.randomUUID` is not available on a page over http. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
