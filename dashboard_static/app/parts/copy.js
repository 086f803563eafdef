/** Copying to the clipboard. */

import { html } from "../ui.js";
import { notify } from "./notice.js";

/** A button that copies `text`; `what` names it for those who do not see what it stands beside. */
export function Copy({ text, what, label = "Copy" }) {
  const onClick = async () => notify((await copied(text)) ? "Copied" : "Could not be copied: select it and copy it by hand");
  return html`
    <button type="button" class="button small" onClick=${onClick} aria-label=${`${label} ${what}`}>${label}</button>
  `;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // a page over http has no clipboard of its own
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
