/** The search field of every screen. The key `/` focuses it. */

import { imported } from "../imported.js";
import { link, navigate, useAddress } from "../router.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../ui.js";

const SEARCH = "/dashboard/search";

export function SearchField() {
  const { path, query } = useAddress();
  const searched = path === SEARCH ? (query.q ?? "") : "";
  const [text, setText] = useState(searched);
  const [error, setError] = useState(null);
  const input = useRef(null);
  useLayoutEffect(() => setText(searched), [searched]); // a later effect could replace text that was typed meanwhile
  useEffect(() => {
    const focusByKey = (event) => isShortcut(event) && (event.preventDefault(), input.current.select(), input.current.focus());
    document.addEventListener("keydown", focusByKey);
    return () => document.removeEventListener("keydown", focusByKey);
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    try {
      const { CARD_NUMBER, isCardNumber } = await imported(() => import("../card-number.js"));
      if (isCardNumber(text)) setError(CARD_NUMBER); // it must not become part of an address
      else navigate(link(SEARCH, { q: text.trim() }));
    } catch (failure) {
      setError(failure.message);
    }
  };
  return html`
    <form class="search-field" role="search" aria-label="All payments, orders and refunds" onSubmit=${submit}>
      <input type="search" ref=${input} aria-label="Search" aria-keyshortcuts="/" placeholder="Search  ( / )" spellcheck="false"
        autocomplete="off" enterkeyhint="search" data-test-id="search-input" value=${text}
        aria-invalid=${Boolean(error)} aria-describedby=${error ? "search-error" : undefined}
        onInput=${(event) => (setText(event.target.value), setError(null))} />
      ${error && html`<p id="search-error" class="field-error" role="alert">${error}</p>`}
    </form>
  `;
}

/** Whether the key `/` is pressed outside of fields and dialogs. */
function isShortcut({ key, ctrlKey, metaKey, altKey, target, defaultPrevented }) {
  if (key !== "/" || ctrlKey || metaKey || altKey || defaultPrevented) return false;
  return !target.closest?.("input, textarea, select, dialog") && !target.isContentEditable && !document.querySelector("dialog[open]");
}
