/** A result that is computed part by part, and that the user can stop. */

import { useRef, useState } from "./ui.js";

/**
 * `{ value, isBusy, error, wait, at, start, stop }`. `start(from)` calls `compute(from, { report, signal, onWait })`, where
 * `report(value)` sets the value so far, `signal` aborts when it is stopped, and `wait` is the latest argument of `onWait`. `at` is the
 * time of the start. Another start stops the one before. `isBusy` is its state before the first start.
 */
export function useStoppable(initial, compute, { isBusy = false } = {}) {
  const [state, setState] = useState({ value: initial, isBusy });
  const aborter = useRef(null);
  const stop = () => aborter.current?.abort();
  const start = async (from) => {
    stop();
    const own = (aborter.current = new AbortController());
    const change = (changes) => aborter.current === own && setState((now) => ({ ...now, ...changes }));
    change({ value: from, isBusy: true, error: undefined, at: new Date() });
    try {
      await compute(from, { report: (value) => change({ value }), signal: own.signal, onWait: (wait) => change({ wait }) });
      change({ isBusy: false });
    } catch (error) {
      change({ isBusy: false, wait: null, error: error.name === "AbortError" ? undefined : error });
    }
  };
  return { ...state, start, stop };
}
