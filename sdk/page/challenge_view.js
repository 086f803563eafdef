/** The page of the bank or of the payment provider, in a frame or in another tab. */

import { text } from "./language.js";
import { byId, find, part } from "./parts.js";

const FRAME_PERMISSIONS = "allow-forms allow-scripts allow-same-origin"; // no pop-ups, and no navigation of this page

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
    const place = isEmbeddable ? "bank_here" : "bank_elsewhere";
    byId("challenge-title").textContent = text(`${place}.title`);
    part("challenge-message").textContent = text(`${place}.message`);
    this.#link.textContent = text(`${place}.link`);
    this.#link.className = isEmbeddable ? "hint" : "pay";
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
    frame.title = text("bank_page");
    frame.setAttribute("sandbox", FRAME_PERMISSIONS);
    frame.referrerPolicy = "no-referrer";
    frame.dataset.testId = "challenge-frame";
    frame.src = url.href;
    this.#frame = frame;
    byId("challenge-frame-place").replaceChildren(frame);
  }
}
