/** Finds out which rule fails when a webhook does not verify. Runs in the browser; no data is sent. */

import { hexSignature, standardSignature } from "./signature.js";

export const TOLERANCE_S = 5 * 60;
const STANDARD = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const HEX = "x-webhook-signature";

/** The order in which the gateway writes the fields of a body. */
const FIELDS = [
  "event", "timestamp", "data", "payment", "refund", "sequence",
  "id", "payment_id", "order_id", "amount", "currency", "method", "vpa", "card_network", "card_last4", "reason",
  "status", "captured", "amount_refunded", "error_code", "error_description",
  "decline_code", "retry", "next_action", "type", "url", "link", "expires_at",
  "capture_before", "voided_at", "void_reason", "created_at", "processed_at",
]; // prettier-ignore

/**
 * The rules in order, each `{name, holds, says}`; `holds` is null if the result is unknown.
 *
 * `headers` is text with one header per line; `knownSecret` is the expected secret, if it is known;
 * `nowS` is the receiver's clock in Unix seconds.
 */
export function diagnose({ body, headers: text, secret, knownSecret, nowS }) {
  const headers = parseHeaders(text);
  const present = presence(headers);
  const cause = present.holds === false ? null : findCause({ body, headers, secret, knownSecret });
  return [
    present,
    { name: "The secret matches the signature", ...aboutSecret(cause, secret) },
    { name: "The body is unchanged, byte for byte", ...aboutBody(cause) },
    { name: "The signatures agree with each other", ...aboutAgreement(cause) },
    { name: "The timestamp is within 5 minutes of the receiver's clock", ...aboutTime(headers, nowS) },
  ];
}

/** Lower-case names and their values. Also accepts the output of command-line tools and raw requests. */
export function parseHeaders(text) {
  const found = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^[<>\s"']*([A-Za-z][\w-]*)["']?\s*:\s*["']?(.*?)["']?,?\s*$/.exec(line);
    if (match && match[2]) found[match[1].toLowerCase()] = match[2];
  }
  return found;
}

function presence(headers) {
  const name = "The request has a signature";
  const missing = STANDARD.filter((header) => !headers[header]);
  if (headers[HEX] || !missing.length) {
    const kinds = [headers[HEX] && "X-Webhook-Signature", !missing.length && "the webhook-… headers"];
    return { name, holds: true, says: `Found: ${kinds.filter(Boolean).join(" and ")}.` };
  }
  const partly = missing.length < STANDARD.length;
  const says = partly
    ? `${missing.join(" and ")} is missing: verification needs all three webhook-… headers. A proxy may have removed it.`
    : "Neither X-Webhook-Signature nor webhook-id, webhook-timestamp and webhook-signature are present. A proxy may have removed them, or the request is not from the gateway.";
  return { name, holds: false, says };
}

/** The first common mistake that explains the failed verification; null if there is none. */
function findCause({ body, headers, secret, knownSecret }) {
  for (const [changedSecret, ofSecret] of secrets(secret, knownSecret)) {
    for (const [changedBody, ofBody] of bodies(body)) {
      const verified = verify(headers, changedSecret, changedBody);
      if (verified.hex || verified.standard) return { ofSecret, ofBody, verified };
    }
  }
  return null;
}

function verify(headers, secret, body) {
  const hasStandard = STANDARD.every((header) => headers[header]);
  const expected = hasStandard && standardSignature(secret, headers["webhook-id"], headers["webhook-timestamp"], body);
  return {
    hex: headers[HEX] ? headers[HEX].toLowerCase() === hexSignature(secret, body) : null,
    standard: hasStandard ? headers["webhook-signature"].split(/\s+/).includes(expected) : null,
  };
}

/** Secrets to try, each with the problem of the given one; the most likely first. */
function secrets(secret, knownSecret) {
  const tried = [
    [secret, null],
    [secret.trim(), "It has leading or trailing spaces or a line break: remove them."],
    [`whsec_${secret.trim()}`, "The prefix whsec_ is missing: it is part of the secret."],
  ];
  if (knownSecret) tried.push([knownSecret, "It is a different secret. Your current secret verifies: copy it again."]);
  return tried.filter(([one], index) => one && tried.findIndex(([other]) => other === one) === index);
}

/** Bodies to try, each with the change that it assumes. */
function bodies(body) {
  const tried = [
    [body, null],
    [body.replace(/^\uFEFF/, ""), "It starts with a byte order mark."],
    [body.replace(/(\r?\n)+$/, ""), "A line break was added at the end."],
    [body.trim(), "Spaces or line breaks were added at the start or end."],
  ];
  const parsed = parsedJson(body);
  if (parsed !== undefined) {
    const again = "It was parsed and serialized again";
    const remedy = "Verify the raw bytes, before any middleware parses them.";
    tried.push([JSON.stringify(parsed), `${again}: spaces, line breaks or escapes differ from the original. ${remedy}`]);
    tried.push([JSON.stringify(inOrder(parsed)), `${again}, with its fields in another order. ${remedy}`]);
  }
  return tried.filter(([one], index) => tried.findIndex(([other]) => other === one) === index);
}

function parsedJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inOrder(value) {
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort((one, other) => FIELDS.indexOf(one) - FIELDS.indexOf(other));
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}

const UNEXPLAINED = "No common mistake explains it: either the secret is wrong, or the body was changed in a way that cannot be reversed.";

function aboutSecret(cause, secret) {
  if (!secret) return { holds: false, says: "The secret is missing." };
  if (!cause) return { holds: null, says: UNEXPLAINED };
  return cause.ofSecret ? { holds: false, says: cause.ofSecret } : { holds: true, says: "It matches." };
}

function aboutBody(cause) {
  if (!cause) return { holds: null, says: UNEXPLAINED };
  return cause.ofBody ? { holds: false, says: cause.ofBody } : { holds: true, says: "It is unchanged." };
}

function aboutAgreement(cause) {
  if (!cause) return { holds: null, says: "No signature could be verified." };
  const { hex, standard } = cause.verified;
  if (hex === false) {
    return {
      holds: false,
      says: "webhook-signature verifies, X-Webhook-Signature does not. With the old secret, this occurs for 24 hours after the secret was regenerated: set the new secret in the receiver.",
    };
  }
  if (standard === false) {
    return {
      holds: false,
      says: "X-Webhook-Signature verifies, webhook-signature does not: webhook-id, webhook-timestamp or webhook-signature was changed in transit.",
    };
  }
  return { holds: true, says: hex && standard ? "Both verify." : "There is only one, and it verifies." };
}

function aboutTime(headers, nowS) {
  const text = headers["webhook-timestamp"];
  if (!text) return { holds: null, says: "There is no webhook-timestamp: X-Webhook-Signature alone has no expiry." };
  if (!/^\d{1,15}$/.test(text)) return { holds: false, says: "webhook-timestamp is not a number." };
  const age = Math.round(nowS - Number(text));
  if (Math.abs(age) <= TOLERANCE_S) return { holds: true, says: "It is within 5 minutes." };
  return age > 0
    ? { holds: false, says: `It is ${duration(age)} old. A receiver must reject it now. If it was received immediately, the receiver's clock is fast.` }
    : { holds: false, says: `It is ${duration(-age)} ahead: the receiver's clock is slow.` };
}

function duration(seconds) {
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([one]) => seconds >= one);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / size));
}
