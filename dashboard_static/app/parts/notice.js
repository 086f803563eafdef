/** A short notice of a completed action, also for screen readers, which disappears after some seconds. */

import { html, useEffect, useState } from "../ui.js";

const SHOWN_MS = 4_000;
let show = () => {};

export function notify(text) {
  show({ text });
}

export function Notices() {
  const [notice, setNotice] = useState(null);
  useEffect(() => {
    show = setNotice;
  }, []);
  useEffect(() => {
    const timer = notice && setTimeout(() => setNotice(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return html`<div class="notices" role="status">${notice && html`<p class="notice">${notice.text}</p>`}</div>`;
}
