/** Every request to the API. */

import { config } from "./config.js";
import { current, merchantChanged, refused, renewed } from "./session.js";

/** A rejected request, or one without a response (`status` 0). */
export class ApiError extends Error {
  constructor({ status, code, description, field = null, requestId = null, retryAfterS = null }) {
    super(description);
    Object.assign(this, { status, code, field, requestId, retryAfterS });
  }
}

const V1 = "/api/v1";

export const signIn = (email, password) => sent("POST", `${V1}/sessions`, { body: { email, password } });
export const signOut = () => request("DELETE", `${V1}/sessions/current`);
export const endOtherSessions = () => request("DELETE", `${V1}/sessions/others`);
export const changePassword = (current_password, new_password) =>
  request("PUT", `${V1}/merchants/me/password`, { body: { current_password, new_password } });

/** The merchant; the session takes over what was changed on another device. */
export const me = async (signal) => changed(await get(`${V1}/merchants/me`, {}, signal));
export const saveTimeZone = async (time_zone) =>
  changed(await request("PUT", `${V1}/merchants/me/time-zone`, { body: { time_zone } }));
export const replaceApiSecret = (body) => post("/merchants/me/api-secret", body);
export const endPreviousApiSecret = (fingerprint) =>
  request("DELETE", `${V1}/merchants/me/api-secret/previous?fingerprint=${encodeURIComponent(fingerprint)}`);
export const saveReturnOrigins = (origins) => request("PUT", `${V1}/merchants/me/return-origins`, { body: { origins } });

function changed(merchant) {
  merchantChanged(merchant);
  return merchant;
}

export const health = (signal) => get("/health", {}, signal);
export const stats = (days, signal) => get(`${V1}/stats`, { days }, signal);
export const openapi = (signal) => get(`${V1}/openapi.json`, {}, signal);

/** The jobs of all queues; null if the stage does not provide them, as in production. */
export const jobs = (signal) => outsideProduction(`${V1}/test/jobs/status`, signal);

/** The merchant's test clock; null in production. */
export const clock = (signal) => outsideProduction(`${V1}/test/clock`, signal);

/** Moves the clock ahead: `{ advance: "2h36m" }` or `{ to: time }`. */
export async function advanceClock(by) {
  let moved = await post("/test/clock", by);
  let { processed } = moved;
  while (moved.target) {
    moved = await post("/test/clock", { to: moved.target });
    processed += moved.processed;
  }
  return { ...moved, processed };
}

async function outsideProduction(path, signal) {
  try {
    return await get(path, {}, signal);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** Lists: `query` has `limit`, `cursor` and the list's filters. */
export const payments = (query, signal) => get(`${V1}/payments`, query, signal);
export const orders = (query, signal) => get(`${V1}/orders`, query, signal);
export const refunds = (query, signal) => get(`${V1}/refunds`, query, signal);
export const webhooks = (query, signal) => get(`${V1}/webhooks`, query, signal);

/** Sums per currency of the payments of a range, in parts: continue with `next_cursor` as `cursor` until it is null, and add them. */
export const summary = (query, signal) => get(`${V1}/summary`, query, signal);

/** A part of the CSV export of `payments`, `refunds` or `events`: its text, and the cursor of the next part or null. */
export const exported = (kind, query, signal) => get(`${V1}/exports/${kind}`, query, signal, textAndCursor);

export const apiRequests = (query, signal) => get(`${V1}/requests`, query, signal);

export const apiRequest = (id, signal) => get(`${V1}/requests/${encodeURIComponent(id)}`, {}, signal);

export const order = (id, signal) => get(`${V1}/orders/${encodeURIComponent(id)}`, {}, signal);
export const oneRefund = (id, signal) => get(`${V1}/refunds/${encodeURIComponent(id)}`, {}, signal);
export const payment = (id, signal) => get(`${V1}/payments/${encodeURIComponent(id)}`, {}, signal);
export const capture = (id, amount) => post(`/payments/${encodeURIComponent(id)}/capture`, { amount });

/** `key` is the idempotency key of an order or payment: a retry after a lost response creates no second one. */
export const createOrder = (body, key) => post("/orders", body, { "Idempotency-Key": key });
export const createPayment = (body, key) => post("/payments", body, { "Idempotency-Key": key });

/** `key` is the idempotency key of the confirmed refund: a retry after a lost response creates no second refund. */
export const refund = (id, body, key) =>
  post(`/payments/${encodeURIComponent(id)}/refunds`, body, { "Idempotency-Key": key });

export const webhook = (id, signal) => get(`${V1}/webhooks/${encodeURIComponent(id)}`, {}, signal);
export const retryWebhook = (id) => post(`/webhooks/${encodeURIComponent(id)}/retry`);
export const webhookConfig = (signal) => get(`${V1}/webhooks/config`, {}, signal);
export const saveWebhookUrl = (url) => request("PUT", `${V1}/webhooks/config`, { body: { webhook_url: url } });
export const regenerateWebhookSecret = () => post("/webhooks/secret/regenerate");
export const sendTestWebhook = () => post("/webhooks/test");

export const webhookEndpoints = async (signal) => (await get(`${V1}/webhooks/endpoints`, {}, signal)).data;
export const changeWebhookEndpoint = (id, changes) => request("PATCH", V1 + endpointPath(id), { body: changes });
export const deleteWebhookEndpoint = (id) => request("DELETE", V1 + endpointPath(id));
export const regenerateEndpointSecret = (id) => post(`${endpointPath(id)}/secret/regenerate`);
export const testWebhookEndpoint = (id, event) => post(`${endpointPath(id)}/test`, { event });

/** The checks of the server behind an endpoint; 404 in production. A check takes up to 25 s. */
export const receiverChecks = async (id, signal) => (await get(`${V1}${endpointPath(id)}/lab`, {}, signal)).data;
export const runReceiverCheck = (id, { check, signature }) => post(`${endpointPath(id)}/lab`, { check, signature });

/** `key` is the idempotency key of the completed form: a retry after a lost response creates no second endpoint. */
export const createWebhookEndpoint = (body, key) => post("/webhooks/endpoints", body, { "Idempotency-Key": key });

/** Sends up to 100 webhooks again. Repeat it with `next_cursor` as `cursor` until `next_cursor` is null. */
export const replayWebhooks = (id, { since, status, cursor }) => post(`${endpointPath(id)}/replay`, { since, status, cursor });

const endpointPath = (id) => `/webhooks/endpoints/${encodeURIComponent(id)}`;

function get(path, query, signal, read) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given).toString();
  return request("GET", search ? `${path}?${search}` : path, { signal, read });
}

function post(path, body, headers = {}) {
  return request("POST", V1 + path, { body, headers });
}

/** A request with the session's token. If the session has ended, waits for a new sign-in and sends the request again. */
async function request(method, path, options = {}) {
  const { merchant, token } = current() ?? {};
  if (merchant && !token && !(await renewed(merchant.id, options.signal))) throw leftError();
  const used = current()?.token;
  try {
    return await sent(method, path, options, used);
  } catch (error) {
    if (error.status !== 401 || !used) throw error;
    refused(used);
    if (!(await renewed(merchant.id, options.signal))) throw error;
    return request(method, path, options);
  }
}

async function sent(method, path, { body, headers = {}, signal, read = json }, token) {
  const response = await reached(fetch(config.apiUrl + path, {
    method,
    signal,
    cache: "no-store",
    credentials: "omit",
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }));
  if (response.ok) return reached(read(response));
  throw await refusal(response);
}

const leftError = () => new ApiError({ status: 401, code: "SIGNED_OUT", description: "You signed out." });

const json = (response) => response.json();

async function textAndCursor(response) {
  return { text: await response.text(), cursor: response.headers.get("Next-Cursor") };
}

/** The result of a part of a request. The network can fail before the response and during its body. */
async function reached(part) {
  try {
    return await part;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError({ status: 0, code: "NO_ANSWER", description: "The gateway does not respond. Check your network connection." });
  }
}

async function refusal(response) {
  const { error = {} } = await response.json().catch(() => ({}));
  return new ApiError({
    status: response.status,
    code: error.code ?? "UNKNOWN",
    description: error.description ?? `The gateway returned status ${response.status}`,
    field: error.field,
    requestId: error.request_id,
    retryAfterS: Number(response.headers.get("Retry-After")) || null,
  });
}
