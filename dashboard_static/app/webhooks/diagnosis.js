/** Why a webhook does not verify: which of the rules breaks. Computed here; nothing is sent anywhere. */

import { hexSignature, standardSignature } from "./signature.js";

export const TOLERANCE_S = 5 * 60;
const STANDARD = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const HEX = "x-webhook-signature";

/** The order in which the gateway writes the fields of a body. */
const FIELDS = [
  "event", "timestamp", "data", "payment", "refund", "sequence",
  "id", "payment_id", "order_id", "amount", "currency", "method", "vpa", "card_network", "card_last4", "reason",
  "status", "captured", "amount_refunded", "error_code", "error_description", "created_at", "processed_at",
]; // prettier-ignore

/**
 * The rules in order, each `{name, holds, says}`; `holds` is null where it cannot be told.
 *
 * `headers` is text, a header a line; `knownSecret` is what the secret should be, where that is known;
 * `nowS` is the receiver's clock in Unix seconds.
 */
export function diagnose({ body, headers: text, secret, knownSecret, nowS }) {
  const headers = parseHeaders(text);
  const present = presence(headers);
  const cause = present.holds === false ? null : findCause({ body, headers, secret, knownSecret });
  return [
    present,
    { name: "The secret is the one that signed it", ...aboutSecret(cause, secret) },
    { name: "The body is what was sent, byte for byte", ...aboutBody(cause) },
    { name: "The signatures agree with each other", ...aboutAgreement(cause) },
    { name: "The timestamp is within 5 minutes of the receiver's clock", ...aboutTime(headers, nowS) },
  ];
}

/** Lower-case names to values. Lines of a command-line tool's output, and of a raw request, are taken too. */
export function parseHeaders(text) {
  const found = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^[<>\s"']*([A-Za-z][\w-]*)["']?\s*:\s*["']?(.*?)["']?,?\s*$/.exec(line);
    if (match && match[2]) found[match[1].toLowerCase()] = match[2];
  }
  return found;
}

function presence(headers) {
  const name = "A signature came with it";
  const missing = STANDARD.filter((header) => !headers[header]);
  if (headers[HEX] || !missing.length) {
    const kinds = [headers[HEX] && "X-Webhook-Signature", !missing.length && "the webhook-… headers"];
    return { name, holds: true, says: `There: ${kinds.filter(Boolean).join(" and ")}.` };
  }
  const partly = missing.length < STANDARD.length;
  const says = partly
    ? `${missing.join(" and ")} is missing: the three webhook-… headers are needed together. A proxy may have dropped it.`
    : "Neither X-Webhook-Signature nor webhook-id, webhook-timestamp and webhook-signature are there. A proxy may have dropped them, or it did not come from the gateway.";
  return { name, holds: false, says };
}

/** The first of the usual mistakes under which a signature verifies; null when none explains it. */
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

/** Secrets to try, each with what would be wrong with the given one; the most likely first. */
function secrets(secret, knownSecret) {
  const tried = [
    [secret, null],
    [secret.trim(), "It has spaces or a line break around it: cut them off."],
    [`whsec_${secret.trim()}`, "It lacks its beginning: whsec_ belongs to the secret."],
  ];
  if (knownSecret) tried.push([knownSecret, "It is another one. Yours, as it is now, verifies: copy it anew."]);
  return tried.filter(([one], index) => one && tried.findIndex(([other]) => other === one) === index);
}

/** Bodies to try, each with what was done to it on the way. */
function bodies(body) {
  const tried = [
    [body, null],
    [body.replace(/^\uFEFF/, ""), "A byte order mark stands before it."],
    [body.replace(/(\r?\n)+$/, ""), "A line break was added at its end."],
    [body.trim(), "Spaces or line breaks were added around it."],
  ];
  const parsed = parsedJson(body);
  if (parsed !== undefined) {
    const again = "It was parsed and written anew";
    const remedy = "Verify the bytes that came, before any middleware parses them.";
    tried.push([JSON.stringify(parsed), `${again}: spaces, line breaks or escapes differ from what was sent. ${remedy}`]);
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

const UNEXPLAINED = "No usual mistake explains it: either the secret is another one, or the body was changed in a way that cannot be undone.";

function aboutSecret(cause, secret) {
  if (!secret) return { holds: false, says: "No secret was given." };
  if (!cause) return { holds: null, says: UNEXPLAINED };
  return cause.ofSecret ? { holds: false, says: cause.ofSecret } : { holds: true, says: "It is." };
}

function aboutBody(cause) {
  if (!cause) return { holds: null, says: UNEXPLAINED };
  return cause.ofBody ? { holds: false, says: cause.ofBody } : { holds: true, says: "It is." };
}

function aboutAgreement(cause) {
  if (!cause) return { holds: null, says: "Neither could be verified." };
  const { hex, standard } = cause.verified;
  if (hex === false) {
    return {
      holds: false,
      says: "webhook-signature verifies, X-Webhook-Signature does not. For a day after the secret was regenerated this is so with the old secret: put the new one into the receiver.",
    };
  }
  if (standard === false) {
    return {
      holds: false,
      says: "X-Webhook-Signature verifies, webhook-signature does not: webhook-id, webhook-timestamp or webhook-signature was changed on the way.",
    };
  }
  return { holds: true, says: hex && standard ? "Both verify." : "There is one only, and it verifies." };
}

function aboutTime(headers, nowS) {
  const text = headers["webhook-timestamp"];
  if (!text) return { holds: null, says: "There is no webhook-timestamp: X-Webhook-Signature alone does not age." };
  if (!/^\d{1,15}$/.test(text)) return { holds: false, says: "webhook-timestamp is not a number." };
  const age = Math.round(nowS - Number(text));
  if (Math.abs(age) <= TOLERANCE_S) return { holds: true, says: "It is." };
  return age > 0
    ? { holds: false, says: `It is ${duration(age)} old. A receiver that gets it now must refuse it; one that got it at once has a clock that is fast.` }
    : { holds: false, says: `It is ${duration(-age)} ahead: the receiver's clock is slow.` };
}

function duration(seconds) {
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([one]) => seconds >= one);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "long" }).format(Math.floor(seconds / size));
}
