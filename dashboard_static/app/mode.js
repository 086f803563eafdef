/** Whether payments move money: the mode of the stage, shown on every screen. */

import { config } from "./config.js";
import { html } from "./ui.js";

/** Unless the mode is known to be "test": without it, no sample data may be created. */
export const isLive = config.mode !== "test";

/** Sets the title of the document for the screen `name`. */
export function setTitle(name) {
  document.title = `${name} · Dashboard${isLive ? "" : " (test)"}`;
}

export function ModeBadge() {
  return html`<span class="mode ${isLive ? "live" : "test"}" data-test-id="mode">${isLive ? "Live" : "Test mode"}</span>`;
}
