/** API data in a view: loads it, keeps it while it reloads, and refreshes it while the page is visible. */

import { useEffect, useRef, useState } from "./ui.js";

/**
 * The result of `load(signal)`. Reloads when one of `inputs` changes, and every `everyMs` if set.
 * `data` is kept during a reload, so that the view does not flicker; `error` is that of the latest load.
 */
export function useRequest(load, inputs, { everyMs } = {}) {
  const [state, setState] = useState({ data: undefined, error: undefined, isLoading: true });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const aborter = new AbortController();
    let timer;
    const run = async () => {
      try {
        const data = await load(aborter.signal);
        if (!aborter.signal.aborted) setState({ data, error: undefined, isLoading: false });
      } catch (error) {
        if (!aborter.signal.aborted) setState(({ data }) => ({ data, error, isLoading: false }));
      }
      if (everyMs && !aborter.signal.aborted) timer = setTimeout(runWhenSeen, everyMs);
    };
    const runWhenSeen = () => {
      if (!document.hidden) run();
      else document.addEventListener("visibilitychange", run, { once: true, signal: aborter.signal });
    };
    setState(({ data, error }) => ({ data, error, isLoading: true }));
    run();
    return () => {
      aborter.abort();
      clearTimeout(timer);
    };
  }, [...inputs, turn]);

  return { ...state, reload: () => setTurn((now) => now + 1) };
}

/**
 * `isBusy` and `error` of an action on demand: `run(action)` returns its result, or undefined. Only one action runs at a time.
 * Meanwhile, buttons are `aria-disabled`, because a disabled button loses the focus.
 */
export function useAction() {
  const [state, setState] = useState({ isBusy: false, error: undefined });
  const isRunning = useRef(false);
  const run = async (action) => {
    if (isRunning.current) return undefined;
    isRunning.current = true;
    setState({ isBusy: true, error: undefined });
    try {
      const result = await action();
      setState({ isBusy: false, error: undefined });
      return result ?? true;
    } catch (error) {
      setState({ isBusy: false, error });
      return undefined;
    } finally {
      isRunning.current = false;
    }
  };
  return { ...state, run };
}
