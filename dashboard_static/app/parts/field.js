/** A labelled input with its hint and error. */

import { html } from "../ui.js";

export function Field({ id, label, hint, error, ...input }) {
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      <input id=${id} aria-invalid=${Boolean(error)} aria-describedby=${about} ...${input} />
      ${hint && html`<p id="${id}-hint" class="hint">${hint}</p>`}
      ${error && html`<p id="${id}-error" class="field-error" role="alert">${error}</p>`}
    </div>
  `;
}
