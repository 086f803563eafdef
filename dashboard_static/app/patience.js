/** Repeats a request that can succeed later: too many requests, a lost network, and short outages of the gateway. */

const FIRST_WAIT_S = 1;
const MAX_WAIT_S = 30;
const MAX_OUTAGES = 5; // consecutive responses 5xx: the error is probably permanent

/**
 * The result of `call()`. Before each wait, `onWait({ error, seconds })` is called, and `onWait(null)` after it. Without a network
 * it waits until the browser is online, at most 30 s at a time. `sleep(seconds, signal)` is replaced in tests.
 */
export async function persistently(call, { signal, onWait, sleep = untilLater }) {
  for (let failures = 0; ; ) {
    try {
      return await call();
    } catch (error) {
      failures += 1;
      if (!canSucceedLater(error) || (error.status >= 500 && failures > MAX_OUTAGES)) throw error;
      const seconds = error.retryAfterS ?? Math.min(FIRST_WAIT_S * 2 ** (failures - 1), MAX_WAIT_S);
      signal.throwIfAborted();
      onWait({ error, seconds });
      await sleep(seconds, signal);
      onWait(null);
    }
  }
}

const canSucceedLater = ({ status }) => status === 0 || status === 429 || status >= 500;

/** Waits for `seconds`, or until the network returns. Rejects when `signal` aborts. */
function untilLater(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stopped = new AbortController();
    const end = (settle, value) => {
      clearTimeout(timer);
      stopped.abort();
      settle(value);
    };
    const timer = setTimeout(() => end(resolve), seconds * 1_000);
    addEventListener("online", () => end(resolve), { signal: stopped.signal });
    signal.addEventListener("abort", () => end(reject, signal.reason), { signal: stopped.signal });
  });
}

/** The reason of a wait, for the user. */
export function whyWaiting({ error, seconds }) {
  const again = `Continuing in ${seconds} s.`;
  if (error.status === 429) return `The gateway limits the rate of requests. ${again}`;
  return error.status === 0 ? `No connection to the gateway. ${again}` : `The gateway is not available at the moment. ${again}`;
}
