#!/usr/bin/env node
// Verify the gateway's webhooks: Node 18 or later, no dependency.
//
// Copy verifyStandardWebhook and its helpers. To try it, run
//
//     WEBHOOK_SECRET=whsec_... node verify.mjs 4001
//
// It receives webhooks at http://127.0.0.1:4001/webhook and responds with 204, or with 400 and the reason.
// /webhook/hex checks X-Webhook-Signature instead.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const TOLERANCE_S = 5 * 60;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The request is not verified; the message contains the reason. */
export class UnverifiedWebhookError extends Error {}

/**
 * Throws UnverifiedWebhookError unless `body` was signed with `secret` within the tolerance.
 * `body` is a Buffer of the raw bytes; `headers` has lower-case names, like Node's request.headers.
 */
export function verifyStandardWebhook(secret, headers, body) {
  const id = required(headers, "webhook-id");
  const timestamp = required(headers, "webhook-timestamp");
  const signatures = required(headers, "webhook-signature");
  if (!/^[0-9]{1,15}$/.test(timestamp)) {
    throw new UnverifiedWebhookError("webhook-timestamp is not a number");
  }
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) {
    throw new UnverifiedWebhookError("webhook-timestamp is more than 5 minutes off");
  }
  const mac = createHmac("sha256", standardKey(secret)).update(`${id}.${timestamp}.`).update(body);
  const expected = `v1,${mac.digest("base64")}`;
  if (!signatures.split(" ").some((one) => isSame(one, expected))) {
    throw new UnverifiedWebhookError("webhook-signature is not that of this body and secret");
  }
}

/** Verifies X-Webhook-Signature, which has no expiry and becomes invalid with a change of the secret. */
export function verifyHexSignature(secret, headers, body) {
  const signature = required(headers, "x-webhook-signature");
  if (!isSame(signature, createHmac("sha256", secret).update(body).digest("hex"))) {
    throw new UnverifiedWebhookError("x-webhook-signature is not that of this body and secret");
  }
}

/** The decoded part after `whsec_`, or its text if it is not base64. */
export function standardKey(secret) {
  const tail = secret.replace(/^whsec_/, "");
  return Buffer.from(tail, BASE64.test(tail) ? "base64" : "utf8");
}

function required(headers, name) {
  const value = headers[name];
  if (!value) throw new UnverifiedWebhookError(`${name} is missing`);
  return value;
}

/** Compares two texts in constant time. */
function isSame(one, other) {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// From here on: a server to try it with.

const VERIFIERS = new Map([
  ["/webhook", verifyStandardWebhook],
  ["/webhook/hex", verifyHexSignature],
]);
const MAX_BODY_BYTES = 64 * 1024; // a webhook is far smaller

class TooLargeError extends Error {}

/** The status and the text of the response. */
async function answer(request, secret) {
  const verify = VERIFIERS.get(request.url);
  if (request.method !== "POST" || !verify) return [404, "no such address\n"];
  try {
    const body = await read(request);
    verify(secret, request.headers, body);
    console.log(`verified: ${JSON.parse(body).event} ${request.headers["webhook-id"]}`);
    return [204, ""]; // in your receiver, store the webhook before this line and process it afterwards
  } catch (problem) {
    if (problem instanceof UnverifiedWebhookError) return [400, `${problem.message}\n`];
    if (problem instanceof TooLargeError) return [413, `at most ${MAX_BODY_BYTES} bytes\n`];
    console.error(problem);
    return [500, "could not be taken\n"];
  }
}

/** The bytes of the body. A larger body is read completely but not stored. */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new TooLargeError();
  return Buffer.concat(chunks);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const secret = process.env.WEBHOOK_SECRET;
  if (!secret) {
    console.error("Set WEBHOOK_SECRET to your webhook secret from GET /api/v1/webhooks/config.");
    process.exit(1);
  }
  createServer(async (request, response) => {
    const [status, text] = await answer(request, secret);
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
  }).listen(Number(process.argv[2] ?? 4001), "127.0.0.1");
}
