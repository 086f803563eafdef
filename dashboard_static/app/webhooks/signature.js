/** The two signatures of a webhook, as specified in docs/webhooks.md. */

import { hmacSha256 } from "../sha256.js";

const PREFIX = "whsec_";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const encoder = new TextEncoder();

/** `X-Webhook-Signature`: lower-case hex, keyed with the whole secret as text. */
export function hexSignature(secret, body) {
  const digest = hmacSha256(encoder.encode(secret), encoder.encode(body));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One signature of `webhook-signature`. */
export function standardSignature(secret, id, timestamp, body) {
  const digest = hmacSha256(standardKey(secret), encoder.encode(`${id}.${timestamp}.${body}`));
  return `v1,${btoa(String.fromCharCode(...digest))}`;
}

/** The decoded part after `whsec_`, or its text if it is not base64. */
function standardKey(secret) {
  const tail = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!tail || !BASE64.test(tail)) return encoder.encode(tail);
  return Uint8Array.from(atob(tail), (character) => character.charCodeAt(0));
}
