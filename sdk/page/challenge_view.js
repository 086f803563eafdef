/** The authentication on the bank's page, in a frame or in another tab. */

import { byId, find, part } from "./parts.js";

const FRAME_PERMISSIONS = "allow-forms allow-scripts allow-same-origin"; // no pop-ups, and no navigation of this page

const EMBEDDED = {
  message: "Your bank asks you to confirm that it is you.",
  link: "Is the page empty? Open it in a new tab",
  look: "hint",
};
const SEPARATE = {
  message: "Your bank's page opens in a new tab. Keep this page open, and return to it afterwards.",
  link: "Continue at your bank",
  look: "pay",
};

export class ChallengeView {
  #link = find(document, '[data-test-id="challenge-link"]', HTMLAnchorElement);
  /** @type {HTMLIFrameElement | undefined} */
  #frame;
  #shown = "";
  #origin = "";

  /** @param {import("./next_action.js").Challenge} challenge */
  show({ url, isEmbeddable }) {
    if (this.#shown === url.href) return; // the buyer may have entered something in the frame
    this.hide();
    this.#shown = url.href;
    this.#origin = url.origin;
    const { message, link, look } = isEmbeddable ? EMBEDDED : SEPARATE;
    part("challenge-message").textContent = message;
    this.#link.textContent = link;
    this.#link.className = look;
    this.#link.href = url.href;
    if (isEmbeddable) this.#embed(url);
  }

  hide() {
    this.#frame?.remove();
    this.#frame = undefined;
    this.#shown = "";
  }

  /**
   * Whether the bank's page in the frame sent this message. Nothing in the message is used: the API has the result.
   * Only the first message counts, so that the bank's page cannot cause a request for each message.
   * @param {MessageEvent} event
   */
  isCompletedBy({ source, origin, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#origin) return false;
    if (data?.type !== "authentication_complete") return false;
    this.#origin = "";
    return true;
  }

  /** @param {URL} url */
  #embed(url) {
    const frame = document.createElement("iframe");
    frame.title = "Your bank's page";
    frame.setAttribute("sandbox", FRAME_PERMISSIONS);
    frame.referrerPolicy = "no-referrer";
    frame.dataset.testId = "challenge-frame";
    frame.src = url.href;
    this.#frame = frame;
    byId("challenge-frame-place").replaceChildren(frame);
  }
}
