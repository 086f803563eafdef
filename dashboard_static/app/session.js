/**
 * The current session. The token is in memory and, to survive a reload, in this tab's sessionStorage, which is deleted when the last
 * tab closes. A new tab requests it from the others on a BroadcastChannel, which only pages of this origin can read.
 *
 * The server decides when a session has ended, because the device's clock may be wrong.
 */

const KEY = "session";
const HAND_OVER_MS = 100; // an open tab responds within a few ms; without one, a signed-out user waits this long
const SIGNED_OUT_ELSEWHERE = "You signed out in another tab.";

const listeners = new Set();
const tabs = new BroadcastChannel("session");
let session = restore();
let reason = null;

/** `{token, expires_at, merchant}`; `token` is null after the server has rejected it. Null without a session. */
export function current() {
  return session;
}

/** The reason why the session ended, as text to show; null if the user ended it in this tab. */
export function whyEnded() {
  return reason;
}

export function begin(signedIn) {
  change(signedIn);
  tabs.postMessage({ session: signedIn });
}

/** Sign out this tab and those that share its session. */
export function end() {
  if (session?.token) tabs.postMessage({ ended: session.token });
  change(null);
}

/** The server returned the merchant of this session. All tabs take over what has changed. */
export function merchantChanged(merchant) {
  if (takeOver(merchant)) tabs.postMessage({ changed: merchant });
}

/** The server rejected `token`. The merchant is kept, so that a new sign-in continues the session. */
export function refused(token) {
  if (session?.token === token) change({ merchant: session.merchant, token: null });
}

/** The next token of the same merchant after a new sign-in; undefined if the user signs out instead. */
export function renewed(merchantId, signal) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const isSame = session?.merchant.id === merchantId;
      if (isSame && !session.token) return;
      stop();
      resolve(isSame ? session.token : undefined);
    };
    const stop = onChange(look);
    signal?.addEventListener("abort", () => (stop(), reject(signal.reason)), { once: true });
    look();
  });
}

/** Takes over the session of another tab if one responds in time. A later response is taken over when it arrives. */
export function handedOver() {
  if (session) return Promise.resolve();
  tabs.postMessage({ isWanted: true });
  return new Promise((resolve) => {
    const stop = onChange(() => (stop(), resolve()));
    setTimeout(() => (stop(), resolve()), HAND_OVER_MS);
  });
}

/** Calls `listener` at every change; returns a function that removes it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

tabs.addEventListener("message", ({ data }) => {
  if (data.isWanted && session?.token) tabs.postMessage({ session });
  if (data.ended && data.ended === session?.token) change(null, SIGNED_OUT_ELSEWHERE);
  if (data.changed) takeOver(data.changed);
  if (data.session && isMissing(data.session.merchant)) change(data.session);
});

/** Whether this tab needs a session of `merchant`: it has none, or its session was rejected. */
function isMissing(merchant) {
  return !session || (!session.token && session.merchant.id === merchant.id);
}

/** Replaces the merchant of the session. Returns whether it is the same merchant with a change. */
function takeOver(merchant) {
  if (session?.merchant.id !== merchant.id || JSON.stringify(session.merchant) === JSON.stringify(merchant)) return false;
  change({ ...session, merchant });
  return true;
}

function change(next, why = null) {
  session = next;
  reason = why;
  if (next?.token) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  for (const listener of [...listeners]) listener();
}

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept?.token && kept.merchant ? kept : null;
  } catch {
    return null;
  }
}
