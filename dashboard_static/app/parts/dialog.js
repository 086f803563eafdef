/** A native dialog that is open as long as it is there; the focus goes back to where it was. `stays`: only its buttons close it. */

import { html, useLayoutEffect, useRef, useState } from "../ui.js";

let made = 0;

export function Dialog({ title, close, stays = false, children }) {
  const element = useRef(null);
  const [titleId] = useState(() => `dialog-title-${++made}`); // one may open above another
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    const closed = stays ? () => dialog.showModal() : close; // browsers close it at a second Escape
    const cancelled = (event) => stays && event.preventDefault();
    dialog.addEventListener("close", closed);
    dialog.addEventListener("cancel", cancelled);
    return () => {
      dialog.removeEventListener("close", closed); // this one is not the user's
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
