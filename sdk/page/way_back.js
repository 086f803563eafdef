/** The links back to the shop. They show the host, because the author of this page's address chose their target. */

const WEB = ["http:", "https:"]; // never javascript:

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

  /**
   * @param {boolean} isShown false in a shop's frame, where the shop's page continues
   * @param {URL | null} plain
   */
  constructor(isShown, plain) {
    this.#isShown = isShown;
    this.#plain = plain;
    this.lead();
  }

  /** @param {string} [signed] the payment's `return_url`, which tells the shop the outcome */
  lead(signed) {
    const url = urlOf(signed) ?? this.#plain;
    for (const link of document.querySelectorAll("a[data-return]")) {
      if (!(link instanceof HTMLAnchorElement)) continue;
      link.hidden = !this.#isShown || !url;
      if (!url) continue;
      link.href = url.href;
      link.textContent = `Back to ${url.host}`;
    }
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
