/** Labelled radio buttons or checkboxes in a group. */

import { html } from "../ui.js";

/** `options` are `[value, text, hint]`; `chosen` is the selected value. */
export function Radios({ name, legend, options, chosen, choose, disabled = false }) {
  return html`
    <fieldset class="options" disabled=${disabled}>
      <legend>${legend}</legend>
      ${options.map(
        ([value, text, hint]) => html`
          <label class="option">
            <input type="radio" name=${name} value=${value} checked=${value === chosen} onChange=${() => choose(value)} />
            <span>${text}${hint && html`<small>${hint}</small>`}</span>
          </label>
        `,
      )}
    </fieldset>
  `;
}

/** `values` is the array of the selected options. */
export function Checkboxes({ legend, options, values, change, error, id }) {
  const toggle = (option) => change(values.includes(option) ? values.filter((one) => one !== option) : [...values, option]);
  return html`
    <fieldset class="options columns-2" aria-describedby=${error ? `${id}-error` : undefined}>
      <legend class="unseen">${legend}</legend>
      ${options.map(
        (option) => html`
          <label class="option">
            <input type="checkbox" checked=${values.includes(option)} onChange=${() => toggle(option)} /><code>${option}</code>
          </label>
        `,
      )}
    </fieldset>
    ${error && html`<p id="${id}-error" class="field-error" role="alert">${error}</p>`}
  `;
}

/** A labelled choice of one of `options`, which are `[value, text]`. */
export function Select({ id, label, options, chosen, choose, ...rest }) {
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <select id=${id} value=${chosen} onChange=${(event) => choose(event.target.value)} ...${rest}>
        ${options.map(([value, text]) => html`<option value=${value} selected=${value === chosen}>${text}</option>`)}
      </select>
    </div>
  `;
}
