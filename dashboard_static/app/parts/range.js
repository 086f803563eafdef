/** A range of days in the merchant's zone: a preset, or a first and a last day. */

import { navigate, link, useAddress } from "../router.js";
import { boundsOf, presetDays, presetOf, PRESETS, problemOf, rangeOf } from "../ranges.js";
import { merchantZone } from "../times.js";
import { html } from "../ui.js";
import { dayIn, isDay } from "../zones.js";

const CUSTOM = "custom";
const OPEN = { from: undefined, to: undefined };

/** The range of a list's address: `{ range, problem, bounds }`; `bounds` is undefined while there is a problem. */
export function useRange() {
  const range = rangeOf(useAddress().query);
  const problem = problemOf(range);
  return { range, problem, bounds: problem ? undefined : boundsOf(range, merchantZone()) };
}

/** The filter of a list: its range is part of the address. */
export function RangeFilter() {
  const { path, query } = useAddress();
  const { cursor, day, ...kept } = query; // a changed filter starts at the first page
  const set = (range) => navigate(link(path, { ...kept, ...range }), { replace: true });
  return html`<${Range} id="filter" legend=${`Created (${merchantZone()})`} range=${rangeOf(query)} set=${set} />`;
}

/** Fields of a range, with its problem. `set` is called with both ends; an absent end is open. */
export function Range({ id, legend, range, set, disabled = false }) {
  const today = dayIn(merchantZone(), Date.now());
  const isOpen = !range.from && !range.to;
  const preset = isOpen ? "" : (presetOf(range, today) ?? CUSTOM);
  const problem = problemOf(range);
  const choose = (name) => {
    if (name !== CUSTOM) set(name ? presetDays(name, today) : OPEN);
  };
  const field = (end, label) => html`
    <input type="date" min="2000-01-01" aria-label=${label} data-test-id="${id}-${end}" value=${range[end] ?? ""}
      aria-invalid=${Boolean(problem)} aria-describedby=${problem ? `${id}-range-error` : undefined}
      onChange=${({ target: { value } }) => (value === "" || isDay(value)) && set({ ...range, [end]: value || undefined })} />
  `;
  return html`
    <fieldset class="filter range" disabled=${disabled}>
      <legend>${legend}</legend>
      <span class="joined">
        <select aria-label="Period" data-test-id="${id}-period" value=${preset} onChange=${(event) => choose(event.target.value)}>
          <option value="" selected=${isOpen}>All time</option>
          ${PRESETS.map(([name, label]) => html`<option value=${name} selected=${name === preset}>${label}</option>`)}
          <option value=${CUSTOM} disabled selected=${preset === CUSTOM}>Selected days</option>
        </select>
        <span class="ends">${field("from", "First day")}<span aria-hidden="true">–</span>${field("to", "Last day")}</span>
      </span>
      ${problem && html`<span id="${id}-range-error" class="field-error" role="alert">${problem}</span>`}
    </fieldset>
  `;
}
