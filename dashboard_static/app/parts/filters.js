/** The filters of a list. They are part of the address, so that they survive a reload and can be shared. */

import { link, navigate, useAddress } from "../router.js";
import { html } from "../ui.js";

function useFilter(name) {
  const { path, query } = useAddress();
  const { cursor, ...kept } = query; // a changed filter starts at the first page
  const set = (value) => navigate(link(path, { ...kept, [name]: value }), { replace: true });
  return [query[name] ?? "", set];
}

/** One of `options`, or any. */
export function Choice({ name, label, options }) {
  const [value, set] = useFilter(name);
  return html`
    <label class="filter">
      <span>${label}</span>
      <select value=${value} onChange=${(event) => set(event.target.value)}>
        <option value="" selected=${!value}>All</option>
        ${options.map((option) => html`<option value=${option} selected=${option === value}>${option}</option>`)}
      </select>
    </label>
  `;
}

/** A UTC day, as in the charts. */
export function Day({ name, label }) {
  const [value, set] = useFilter(name);
  return html`
    <label class="filter">
      <span>${label}</span>
      <input type="date" value=${value} onChange=${(event) => set(event.target.value)} />
    </label>
  `;
}
