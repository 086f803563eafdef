/** The filters of a list. They are part of the address, so that they survive a reload and can be shared. */

import { link, navigate, useAddress } from "../router.js";
import { html, useEffect, useState } from "../ui.js";

function useFilter(name) {
  const { path, query } = useAddress();
  const { cursor, ...kept } = query; // a changed filter starts at the first page
  const set = (value) => navigate(link(path, { ...kept, [name]: value }), { replace: true });
  return [query[name] ?? "", set];
}

/** One of `options`, or any. An option is its value, or `[value, text]`. */
export function Choice({ name, label, options }) {
  const [value, set] = useFilter(name);
  const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
  return html`
    <label class="filter">
      <span>${label}</span>
      <select value=${value} onChange=${(event) => set(event.target.value)}>
        <option value="" selected=${!value}>All</option>
        ${pairs.map(([option, text]) => html`<option value=${option} selected=${option === value}>${text}</option>`)}
      </select>
    </label>
  `;
}

/** An exact id that starts with `prefix`, applied with Enter or the button. An empty field removes the filter. */
export function Id({ name, label, prefix }) {
  const [value, set] = useFilter(name);
  const [text, setText] = useState(value);
  const [error, setError] = useState(null);
  const apply = (event) => {
    event.preventDefault();
    const id = text.trim();
    if (id && !id.startsWith(prefix)) setError(`An id starts with ${prefix}`);
    else set(id);
  };
  return html`
    <form class="filter" role="search" onSubmit=${apply}>
      <label for="filter-${name}">${label}</label>
      <span class="joined">
        <input id="filter-${name}" type="search" placeholder="${prefix}…" spellcheck="false" autocomplete="off" value=${text}
          aria-invalid=${Boolean(error)} aria-describedby=${error ? `filter-${name}-error` : undefined}
          onInput=${(event) => (setText(event.target.value), setError(null))} />
        <button class="button">Find</button>
      </span>
      ${error && html`<span id="filter-${name}-error" class="field-error" role="alert">${error}</span>`}
    </form>
  `;
}

/** An exact text, applied with Enter or the button. An empty field removes the filter. */
export function Text({ name, label }) {
  const [value, set] = useFilter(name);
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const apply = (event) => {
    event.preventDefault();
    set(text.trim());
  };
  return html`
    <form class="filter" role="search" aria-label=${label} onSubmit=${apply}>
      <label for="filter-${name}">${label}</label>
      <span class="joined">
        <input id="filter-${name}" type="search" maxlength="255" spellcheck="false" autocomplete="off" value=${text}
          onInput=${(event) => setText(event.target.value)} />
        <button class="button">Find</button>
      </span>
    </form>
  `;
}
