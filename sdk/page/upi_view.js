/** The request in a UPI app: its QR code, its link for a phone, and outside production the simulated phone. */

import { text } from "./language.js";
import { byId, find, part } from "./parts.js";

export class UpiView {
  #qrCode = find(document, '[data-test-id="upi-qr-code"]', HTMLImageElement);
  #link = find(document, '[data-test-id="upi-link"]', HTMLAnchorElement);
  #simulator = find(document, '[data-test-id="simulator-link"]', HTMLAnchorElement);
  #isBroken = false;

  constructor() {
    this.#qrCode.addEventListener("error", () => this.#loaded(true));
    this.#qrCode.addEventListener("load", () => this.#loaded(false));
  }

  /**
   * @param {import("./next_action.js").UpiRequest} request
   * @param {string} amount
   */
  show({ link, qrCode, simulator }, amount) {
    this.#qrCode.alt = text("qr_code", { amount });
    byId("upi-code").hidden = !qrCode;
    if (this.#qrCode.getAttribute("src") !== qrCode || this.#isBroken) this.#load(qrCode);
    lead(this.#link, link);
    lead(this.#simulator, simulator);
  }

  /** Remove the QR code, so that it is not visible while that of a later payment loads. */
  hide() {
    this.#qrCode.removeAttribute("src");
    this.#loaded(false);
  }

  /** @param {string} url */
  #load(url) {
    this.#isBroken = false;
    if (url) this.#qrCode.src = url;
  }

  /** @param {boolean} isBroken then the next poll loads it again */
  #loaded(isBroken) {
    this.#isBroken = isBroken;
    this.#qrCode.hidden = isBroken;
    part("upi-qr-problem").hidden = !isBroken;
  }
}

/**
 * @param {HTMLAnchorElement} link
 * @param {string} url hides the link if empty
 */
function lead(link, url) {
  link.hidden = !url;
  if (url) link.href = url;
}
