/** One field of a form: its text, its format during input, and its error message. */

import { text } from "./language.js";
import { find } from "./parts.js";
import { plain } from "./plain.js";

/** @typedef {import("./problems.js").Problem} Problem */
/**
 * @callback Format
 * @param {string} text
 * @param {boolean} isTyped key by key, so the text may be incomplete
 * @returns {string}
 */

export class Field {
  #input;
  #beside;
  #problemOf;
  #format;
  #given = "";

  /**
   * @param {ParentNode} form
   * @param {string} id of the input; the element `<id>-problem` shows its error
   * @param {(text: string) => Problem} problemOf
   * @param {Format} [format]
   */
  constructor(form, id, problemOf, format = (text) => text) {
    this.#input = find(form, `#${id}`, HTMLInputElement);
    this.#beside = find(form, `#${id}-problem`, HTMLElement);
    this.#problemOf = problemOf;
    this.#format = format;
    this.#input.addEventListener("input", (event) => this.#changed(/** @type {InputEvent} */ (event)));
    this.#input.addEventListener("compositionend", () => this.#write(false));
    this.#input.addEventListener("blur", () => this.text && this.#leave());
  }

  get text() {
    return this.#input.value.trim();
  }

  /** @param {string} text */
  set text(text) {
    this.#input.value = text;
    this.#given = this.text;
    this.#input.dispatchEvent(new Event("input"));
  }

  /** Whether the buyer has entered a text, which is not that of the shop. */
  get hasInput() {
    return this.text !== this.#given;
  }

  /** @param {(text: string) => void} listener */
  onInput(listener) {
    this.#input.addEventListener("input", () => listener(this.text));
  }

  /** Validate the text and show the problem, if any. Returns whether it is valid. */
  check() {
    const problem = this.#problemOf(this.text);
    this.say(problem);
    return !problem;
  }

  /** @param {Problem} problem */
  say(problem) {
    this.#beside.textContent = problem && text(problem);
    this.#input.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  clear() {
    this.text = "";
    this.say("");
  }

  focus() {
    this.#input.focus();
  }

  /** @param {InputEvent} event without `inputType` if the browser filled the field in */
  #changed({ inputType = "", data, isComposing }) {
    if (isComposing) return; // a change would interrupt the input method
    if (!inputType.startsWith("delete")) this.#write(inputType === "insertText" && data?.length === 1);
    if (this.#beside.textContent) this.check();
  }

  #leave() {
    this.#write(false);
    this.check();
  }

  /** @param {boolean} isTyped */
  #write(isTyped) {
    rewrite(this.#input, this.#format(this.#input.value, isTyped));
  }
}

/**
 * Replace the input's text and keep the caret after the same digit.
 * @param {HTMLInputElement} input
 * @param {string} after
 */
function rewrite(input, after) {
  const before = input.value;
  if (after === before) return;
  const caret = input.selectionStart ?? before.length;
  const isAtEnd = caret === before.length;
  const digits = plain(before.slice(0, caret)).replace(/\D/g, "").length;
  input.value = after;
  const place = isAtEnd ? after.length : placeAfter(digits, after);
  input.setSelectionRange(place, place);
}

/**
 * @param {number} digits
 * @param {string} text
 */
function placeAfter(digits, text) {
  const head = new RegExp(`^\\D*(\\d\\D*?){${digits}}`).exec(text);
  return head ? head[0].length : text.length;
}
