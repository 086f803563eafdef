/** A secret: hidden from who stands by until it is revealed. */

import { html, useState } from "../ui.js";
import { Copy } from "./copy.js";

/** Hidden by its style, not by its absence: it can be copied, and filled in elsewhere, without being shown. */
export function Secret({ value, what, testId }) {
  const [isShown, setIsShown] = useState(false);
  return html`
    <span class="secret">
      ${!isShown && html`<span class="unseen">hidden</span>`}
      <code class=${isShown ? "" : "masked"} aria-hidden=${!isShown} data-test-id=${testId}>${value}</code>
      <span class="secret-actions">
        <button type="button" class="button small" aria-pressed=${isShown} onClick=${() => setIsShown(!isShown)}
          aria-label=${`Reveal ${what}`}>${isShown ? "Hide" : "Reveal"}</button>
        <${Copy} text=${value} what=${what} />
      </span>
    </span>
  `;
}
