/** A status as coloured text. */

import { html } from "../ui.js";

const TONES = {
  success: "good", processed: "good", healthy: "good", connected: "good", running: "good",
  pending: "waiting", processing: "waiting",
  failed: "bad", degraded: "bad", disconnected: "bad", stopped: "bad",
}; // prettier-ignore

export function Status({ of, ...rest }) {
  return html`<span class="status ${TONES[of] ?? ""}" ...${rest}>${of}</span>`;
}
