/** A native dialog that is open as long as it is there. */

import { html, useLayoutEffect, useRef } from "../ui.js";

export function Dialog({ title, close, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    element.current.showModal();
  }, []);
  return html`
    <dialog ref=${element} class="dialog" aria-labelledby="dialog-title" onClose=${close}>
      <h2 id="dialog-title">${title}</h2>
      ${children}
    </dialog>
  `;
}
