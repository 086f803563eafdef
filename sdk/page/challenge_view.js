/** The page of the bank or of the payment provider, in a frame or in another tab. */

import { byId, find, part } from "./parts.js";

const FRAME_PERMISSIONS = "allow-forms allow-scripts allow-same-origin"; // no pop-ups, and no navigation of this page

const EMBEDDED = {
  title: "Confirm the payment with your bank",
  message: "Your bank asks you to confirm that it is you.",
  link: "Is the page empty? Open it in a new tab",
  look: "hint",
};
const SEPARATE = {
  title: "Continue in a new tab",
  message: "Your bank's page or the payment page opens there. Keep this page open, and return to it afterwards.",
  link: "Open the page",
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
    const { title, message, link, look } = isEmbeddable ? EMBEDDED : SEPARATE;
    byId("challenge-title").textContent = title;
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
