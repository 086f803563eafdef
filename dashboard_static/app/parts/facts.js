/** A definition list. `of` are `[name, value]`; entries without a value are omitted. */

import { html } from "../ui.js";

export function Facts({ of }) {
  const given = of.filter(([, value]) => value !== null && value !== undefined && value !== false);
  return html`<dl class="facts">${given.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
