/** A native dialog that is open as long as it is there; the focus goes back to where it was. */

import { html, useLayoutEffect, useRef } from "../ui.js";

export function Dialog({ title, close, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    dialog.addEventListener("close", close);
    return () => {
      dialog.removeEventListener("close", close); // this one is not the user's
      dialog.close();
    };
  }, []);
  return html`
    <dialog ref=${element} class="dialog" aria-labelledby="dialog-title">
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}
