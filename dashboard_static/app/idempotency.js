/** Idempotency keys. */

/** A fresh key. `crypto.randomUUID` would do, but is not there on a page over http. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
