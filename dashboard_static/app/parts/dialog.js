/** A native dialog, open while it is rendered. The focus then returns to the previous element. While `stays`, only its buttons close it. */

import { html, useLayoutEffect, useRef, useState } from "../ui.js";

let made = 0;

export function Dialog({ title, close, stays = false, children }) {
  const element = useRef(null);
  const latest = useRef(null);
  latest.current = { close, stays };
  const [titleId] = useState(() => `dialog-title-${++made}`); // dialogs can be nested
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    const closed = () => (latest.current.stays ? dialog.showModal() : latest.current.close()); // a second Escape closes it in browsers
    const cancelled = (event) => latest.current.stays && event.preventDefault();
    dialog.addEventListener("close", closed);
    dialog.addEventListener("cancel", cancelled);
    return () => {
      dialog.removeEventListener("close", closed); // not closed by the user
      dialog.close();
    };
  }, []);
  return html`
    <dialog ref=${element} class="dialog" aria-labelledby=${titleId}>
      <h2 id=${titleId}>${title}</h2>
      ${children}
    </dialog>
  `;
}
