/**
 * The states in which the buyer acts outside this page: in a UPI app, or on another page. Loaded when a payment has such
 * a state.
 */

import { ChallengeView } from "./challenge_view.js";
import { find, part } from "./parts.js";
import { UpiView } from "./upi_view.js";

export { nextActionOf } from "./next_action.js";

/** @typedef {import("./next_action.js").NextAction} NextAction */

const SECOND_MS = 1_000;

export class ActionView {
  #now;
  #onChange;
  #upi = new UpiView();
  #challenge = new ChallengeView();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #expiresAt = NaN;

  /**
   * @param {() => number} now the API's time in milliseconds; NaN if unknown
   * @param {() => void} onChange called when the payment may have changed
   */
  constructor(now, onChange) {
    this.#now = now;
    this.#onChange = onChange;
    window.addEventListener("message", (event) => this.#challenge.isCompletedBy(event) && this.#onChange());
  }

  /**
   * @param {NextAction} action
   * @param {string} amount
   * @param {string} note announced by screen readers when it changes; may be empty
   * @returns {string} the id of the state
   */
  show(action, amount, note) {
    const isUpi = action.type === "upi";
    isUpi ? this.#upi.show(action, amount) : this.#challenge.show(action);
    const shownNote = part(`${action.type}-note`);
    if (shownNote.textContent !== note) shownNote.textContent = note;
    this.#count(action, part(`${action.type}-countdown`));
    return `${action.type}-state`;
  }

  /** Remove the QR code and the bank's page, and stop the countdown. */
  hide() {
    clearInterval(this.#timer);
    this.#expiresAt = NaN;
    this.#upi.hide();
    this.#challenge.hide();
  }

  /**
   * @param {NextAction} action
   * @param {HTMLElement} shown
   */
  #count({ expiresAt }, shown) {
    shown.hidden = Number.isNaN(expiresAt - this.#now());
    if (shown.hidden || expiresAt === this.#expiresAt) return;
    clearInterval(this.#timer);
    this.#expiresAt = expiresAt;
    const tick = () => {
      const leftMs = expiresAt - this.#now();
      find(shown, "b", HTMLElement).textContent = durationOf(leftMs);
      if (leftMs > 0) return;
      clearInterval(this.#timer);
      this.#onChange();
    };
    this.#timer = setInterval(tick, SECOND_MS);
    tick();
  }
}

/**
 * Minutes and seconds: `4:05`. Rounded down, because the API's time is up to one second later than known.
 * @param {number} ms
 */
function durationOf(ms) {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
