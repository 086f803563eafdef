/** Printing of a view: its button, its title, and who it is from. */

import { current } from "../session.js";
import { exactTime } from "../times.js";
import { html, useEffect, useState } from "../ui.js";

export function PrintButton() {
  return html`<button type="button" class="button" data-test-id="print-button" onClick=${() => print()}>Print</button>`;
}

/** The head of the printed page. While it is shown, the document has the title `id`, which browsers use as the name of a PDF. */
export function PrintHead({ id }) {
  const [at, setAt] = useState(() => new Date());
  useEffect(() => {
    const before = document.title;
    const update = () => setAt(new Date());
    document.title = id;
    addEventListener("beforeprint", update);
    return () => {
      document.title = before;
      removeEventListener("beforeprint", update);
    };
  }, [id]);
  return html`
    <p class="print-only print-head" data-test-id="print-head"><b>${current()?.merchant.name}</b><span>Printed ${exactTime(at)}</span></p>
  `;
}
