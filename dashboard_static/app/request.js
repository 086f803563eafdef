/** Data of the API in a view: loaded, kept while it is loaded again, and refreshed while somebody looks. */

import { useEffect, useRef, useState } from "./ui.js";

/**
 * What `load(signal)` gives, again whenever one of `inputs` changes, and every `everyMs` where that is set.
 * `data` stays while more is loaded, so that nothing flickers; `error` is that of the latest load.
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
 * `isBusy` and `error` of something that is done on demand: `run(action)` gives its result, or undefined. While one is under way
 * another is not begun: buttons are `aria-disabled` then, because a button that is disabled loses the focus.
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
