/** Who is signed in. The token is in memory and, to survive a reload, in this tab's sessionStorage; nowhere else. */

const KEY = "session";
const listeners = new Set();
let session = restore();

/** `{token, expires_at, merchant}`, or null when nobody is signed in. */
export function current() {
  return session;
}

export function begin(signedIn) {
  change(signedIn);
}

export function end() {
  if (session) change(null);
}

/** Call `listener` at every change; returns what stops it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next) {
  session = next;
  if (next) sessionStorage.setItem(KEY, JSON.stringify(next));
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (kept && Date.parse(kept.expires_at) > Date.now()) return kept;
  sessionStorage.removeItem(KEY);
  return null;
}
