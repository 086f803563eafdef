/** The links back to the shop. They show the host, because the author of this page's address chose their target. */

import { text } from "./language.js";
import { part } from "./parts.js";

const WEB = ["http:", "https:"]; // never javascript:
const LEAVE_AFTER_MS = 5_000; // enough to read that the payment succeeded

/**
 * @param {string | null} wanted `return_url` of the page's address; defaults to the referrer
 * @returns {URL | null}
 */
export function wayBack(wanted) {
  const url = urlOf(wanted ?? document.referrer);
  const isElsewhere = wanted !== null || url?.origin !== window.location.origin;
  return isElsewhere ? url : null;
}

export class WayBack {
  #isShown;
  #plain;
  #isAutomatic;
  /** @type {URL | null} */
  #signed = null;

  /**
   * @param {object} how
   * @param {boolean} how.isShown false in a shop's frame, where the shop's page continues
   * @param {boolean} how.isAutomatic whether a buyer who has paid leaves without a click
   * @param {URL | null} how.plain
   */
  constructor({ isShown, isAutomatic, plain }) {
    this.#isShown = isShown;
    this.#plain = plain;
    this.#isAutomatic = isShown && isAutomatic;
  }

  /** @param {string} [signed] the payment's `return_url`, which tells the shop the outcome */
  lead(signed) {
    this.#signed = urlOf(signed);
    const url = this.#signed ?? this.#plain;
    for (const link of document.querySelectorAll("a[data-return]")) {
      if (!(link instanceof HTMLAnchorElement)) continue;
      link.hidden = !this.#isShown || !url;
      if (!url) continue;
      link.href = url.href;
      link.textContent = text("back_to", { host: url.host });
    }
  }

  /** Return to the shop. Only to a signed URL, because the merchant allowed its origin. */
  leave() {
    const url = this.#signed;
    if (!this.#isAutomatic || !url) return;
    part("returning").textContent = text("returning", { host: url.host });
    part("returning").hidden = false;
    setTimeout(() => window.location.replace(url), LEAVE_AFTER_MS);
  }
}

/**
 * The URL if it is valid and has one of the protocols.
 * @param {string | undefined} text
 * @param {string[]} [protocols]
 * @returns {URL | null}
 */
export function urlOf(text, protocols = WEB) {
  if (!text || !URL.canParse(text)) return null;
  const url = new URL(text);
  return protocols.includes(url.protocol) ? url : null;
}
