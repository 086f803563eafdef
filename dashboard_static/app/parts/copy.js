/** Copies text to the clipboard. */

import { html } from "../ui.js";
import { notify } from "./notice.js";

/** A button that copies `text`; `what` describes the text for screen readers. */
export function Copy({ text, what, label = "Copy" }) {
  const onClick = async () => notify((await copied(text)) ? "Copied" : "Copying failed: select the text and copy it manually");
  return html`
    <button type="button" class="button small" onClick=${onClick} aria-label=${`${label} ${what}`}>${label}</button>
  `;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // the clipboard API is not available over http
  }
}

function copiedBySelection(text) {
  const area = document.createElement("textarea");
  const focused = document.activeElement;
  area.value = text;
  area.className = "unseen";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const worked = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return worked;
}
