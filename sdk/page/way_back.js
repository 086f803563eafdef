/** The links back to the shop, if the page is not embedded. */

/**
 * @param {string | null} wanted `return_url` of the page's address; defaults to the referrer
 * @returns {URL | null}
 */
export function wayBack(wanted) {
  const text = wanted ?? document.referrer;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isElsewhere = wanted !== null || url.origin !== window.location.origin;
  return isElsewhere && ["http:", "https:"].includes(url.protocol) ? url : null; // never javascript:
}

/**
 * The links show the host, because the author of this page's address chose their target.
 * @param {URL | null} url
 */
export function showWayBack(url) {
  if (!url) return;
  for (const link of document.querySelectorAll("a[data-return]")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    link.href = url.href;
    link.textContent = `Back to ${url.host}`;
    link.hidden = false;
  }
}
