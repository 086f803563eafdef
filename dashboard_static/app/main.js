/** The dashboard's beginning: in a window of its own, then the first view. */

import { App } from "./app.js";
import { followLinks } from "./router.js";
import { LOGIN } from "./routes.js";
import { handedOver } from "./session.js";
import { html, render } from "./ui.js";

// A static website sends no frame-ancestors: that nobody frames this page is seen to here.
const isFramed = window.top !== window.self;

followLinks(document);
const session = isFramed ? undefined : handedOver();
if (location.pathname !== LOGIN) await session; // the form of /login is there at once; a session that comes later replaces it
render(isFramed ? html`<${Framed} />` : html`<${App} />`, document.body);

function Framed() {
  return html`
    <p class="alone">The dashboard opens in a window of its own: <a href=${location.href} target="_blank" rel="noopener">open it</a>.</p>
  `;
}
