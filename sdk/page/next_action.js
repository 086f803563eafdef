/** What the buyer has to do before a payment continues. Checks the API's `next_action`. */

import { urlOf } from "./way_back.js";

/** @typedef {{type: "challenge", url: URL, isEmbeddable: boolean, expiresAt: number}} Challenge */
/**
 * The URLs are empty if there are none.
 * @typedef {{type: "upi", link: string, qrCode: string, simulator: string, expiresAt: number}} UpiRequest
 */
/** @typedef {Challenge | UpiRequest} NextAction `expiresAt` is in milliseconds of the API's clock, NaN if unknown */

/**
 * @typedef {object} ApiAction
 * @property {string} type
 * @property {string} expires_at
 * @property {string} [url]
 * @property {boolean} [embeddable]
 * @property {string} [link]
 * @property {string} [qr_svg_url]
 * @property {string} [simulator_url]
 */

const UPI = ["upi:"];

/**
 * @param {{next_action?: ApiAction | null}} payment
 * @returns {NextAction | null} null if there is nothing to do, or nothing that this page supports
 */
export function nextActionOf({ next_action: action }) {
  if (action?.type === "redirect") return challengeOf(action);
  if (action?.type === "upi") return upiRequestOf(action);
  return null;
}

/**
 * @param {ApiAction} action
 * @returns {Challenge | null}
 */
function challengeOf({ url, embeddable, expires_at: expiresAt }) {
  const checked = urlOf(url);
  if (!checked) return null;
  return { type: "challenge", url: checked, isEmbeddable: embeddable === true, expiresAt: Date.parse(expiresAt) };
}

/**
 * @param {ApiAction} action
 * @returns {UpiRequest | null}
 */
function upiRequestOf({ link, qr_svg_url: qrCode, simulator_url: simulator, expires_at: expiresAt }) {
  const request = {
    link: urlOf(link, UPI)?.href ?? "",
    qrCode: urlOf(qrCode)?.href ?? "",
    simulator: urlOf(simulator)?.href ?? "",
  };
  return request.link || request.qrCode ? { type: "upi", ...request, expiresAt: Date.parse(expiresAt) } : null;
}
