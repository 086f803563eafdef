/** A code block with a copy button. */

import { html } from "../ui.js";
import { Copy } from "./copy.js";

export function Code({ text, what, testId }) {
  return html`
    <div class="code">
      <${Copy} text=${text} what=${what} />
      <pre tabindex="0" role="region" aria-label=${what}><code data-test-id=${testId}>${text}</code></pre>
    </div>
  `;
}

/** Alternative code blocks, one shown at a time. `choices` are `{name, text}`; `group` describes what differs. */
export function CodeChoice({ choices, chosen, choose, what, testId, group = "Language" }) {
  const { name, text } = choices[chosen];
  return html`
    <div class="choices" role="group" aria-label=${`${group} of ${what}`}>
      ${choices.map(
        (choice, index) => html`
          <button type="button" class="choice" aria-pressed=${index === chosen} onClick=${() => choose(index)}>
            ${choice.name}
          </button>
        `,
      )}
    </div>
    <${Code} text=${text} what=${`${what} in ${name}`} testId=${testId} />
  `;
}
