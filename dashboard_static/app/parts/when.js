/** A moment, in the viewer's words. */

import { dateTime, exactTime } from "../format.js";
import { html } from "../ui.js";

export function When({ at, exact = false, ...rest }) {
  if (!at) return html`<span class="faint" ...${rest}>–</span>`;
  return html`<time datetime=${at} title=${at} ...${rest}>${exact ? exactTime(at) : dateTime(at)}</time>`;
}
