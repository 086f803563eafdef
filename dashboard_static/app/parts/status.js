/** A status as coloured text, in plain words. */

import { html } from "../ui.js";

const TONES = {
  success: "good", paid: "good", captured: "good", processed: "good", healthy: "good", enabled: "good", connected: "good", running: "good", pass: "good",
  pending: "waiting", processing: "waiting", checking: "waiting",
  failed: "bad", retrying: "bad", disabled: "bad", degraded: "bad", disconnected: "bad", stopped: "bad", fail: "bad",
}; // prettier-ignore

export function Status({ of, ...rest }) {
  return html`<span class="status ${TONES[of] ?? ""}" ...${rest}>${words(of)}</span>`;
}

/** `partially_refunded` as `partially refunded`. */
export const words = (status) => status.replaceAll("_", " ");

/** The status of a webhook: one that waits for another attempt after a failure is a problem, not neutral. */
export const deliveryStatus = ({ status, retrying }) => (retrying ? "retrying" : status);
