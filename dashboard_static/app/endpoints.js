/** The webhook endpoints, shared by the banner and the views. */

import { webhookEndpoints } from "./api.js";
import { current } from "./session.js";
import { useEffect, useState } from "./ui.js";

const AFTER_VIEW_MS = 1_000; // the requests of the opened view are sent first
const FRESH_MS = 10_000; // views that are opened in a row share one response
const RECENT_MS = 24 * 60 * 60 * 1_000;

const listeners = new Set();
let latest = null;

/** All endpoints; a response that is at most `maxAgeMs` old is used again. */
export function loadEndpoints({ maxAgeMs = 0 } = {}) {
  const merchantId = current().merchant.id;
  const isFresh = latest?.merchantId === merchantId && Date.now() - latest.atMs < maxAgeMs;
  if (!isFresh) latest = requested(merchantId);
  return latest.response;
}

function requested(merchantId) {
  const own = { merchantId, atMs: Date.now(), response: webhookEndpoints() };
  own.response.then(
    (endpoints) => latest === own && listeners.forEach((listener) => listener(endpoints)),
    () => latest === own && (latest = null),
  );
  return own;
}

/** The endpoints, undefined until they have loaded. They are requested once for each opened `path`, and follow later responses. */
export function useEndpoints(path) {
  const [endpoints, setEndpoints] = useState(undefined);
  useEffect(() => {
    listeners.add(setEndpoints);
    const load = () => loadEndpoints({ maxAgeMs: FRESH_MS }).then(setEndpoints, () => {}); // without a response, they are unchanged
    const timer = setTimeout(load, AFTER_VIEW_MS);
    return () => {
      listeners.delete(setEndpoints);
      clearTimeout(timer);
    };
  }, [path]);
  return endpoints;
}

/** Whether it was disabled for failing, or its latest attempt failed within the last 24 hours. */
export function isFailing({ url, status, health }) {
  if (!url) return false;
  if (status === "disabled") return health.disabled_reason === "failing";
  const { last_failure_at: failedAt, last_success_at: acceptedAt } = health;
  if (!failedAt || Date.now() - Date.parse(failedAt) > RECENT_MS) return false;
  return !acceptedAt || acceptedAt < failedAt; // times of one format sort as text
}

/** A short name: the description, or the URL without its scheme. */
export function nameOf({ description, url }) {
  return description ?? url?.replace(/^https?:\/\//, "") ?? "Default endpoint";
}
