/** Client-side navigation: reads and changes the address without loading a page. */

import { useEffect, useState } from "./ui.js";

const MOVED = "moved";

/** The current path, its query as an object, and its history state. */
export function address() {
  const { pathname, search } = location;
  return {
    path: pathname.replace(/(?<=.)\/$/, ""),
    query: Object.fromEntries(new URLSearchParams(search)),
    state: history.state ?? {},
  };
}

export function useAddress() {
  const [here, setHere] = useState(address);
  useEffect(() => {
    const follow = () => setHere(address());
    addEventListener("popstate", follow);
    addEventListener(MOVED, follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener(MOVED, follow);
    };
  }, []);
  return here;
}

export function navigate(to, { replace = false, state = {} } = {}) {
  history[replace ? "replaceState" : "pushState"](state, "", to);
  dispatchEvent(new Event(MOVED));
}

/** `path` with the non-empty entries of `query`. */
export function link(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** The current address with `changes` to its query; undefined removes a name. */
export function here(changes) {
  const { path, query } = address();
  return link(path, { ...query, ...changes });
}

/** Makes links within the dashboard change the view. Other links, and links opened in a new tab, are not affected. */
export function followLinks(root) {
  root.addEventListener("click", (event) => {
    const anchor = event.target.closest("a[href^='/']");
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!anchor || anchor.target || !isPlain || event.defaultPrevented) return;
    event.preventDefault();
    const isSameView = anchor.pathname === location.pathname; // the same view keeps its history state
    navigate(anchor.getAttribute("href"), { state: isSameView ? (history.state ?? {}) : {} });
    scrollTo(0, 0);
  });
}
