/** A secret that is masked until the user reveals it. */

import { html, useState } from "../ui.js";
import { Copy } from "./copy.js";

/** The text is masked by its style, so that it can be copied without being shown. */
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
