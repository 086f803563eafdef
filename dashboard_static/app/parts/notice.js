/** A line that tells what was just done, to eyes and screen readers, and goes away again. */

import { html, useEffect, useState } from "../ui.js";

const SHOWN_MS = 4_000;
let tell = () => {};

export function notify(text) {
  tell({ text });
}

export function Notices() {
  const [notice, setNotice] = useState(null);
  useEffect(() => {
    tell = setNotice;
  }, []);
  useEffect(() => {
    const timer = notice && setTimeout(() => setNotice(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return html`<div class="notices" role="status">${notice && html`<p class="notice">${notice.text}</p>`}</div>`;
}
