/** A time in the merchant's zone; hovering shows the viewer's local time. */

import { dateTime, exactTime, localTime } from "../times.js";
import { html } from "../ui.js";

export function When({ at, exact = false, ...rest }) {
  if (!at) return html`<span class="faint" ...${rest}>–</span>`;
  return html`<time datetime=${at} title=${`${localTime(at)}, your time`} ...${rest}>${exact ? exactTime(at) : dateTime(at)}</time>`;
}
