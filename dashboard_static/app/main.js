/** Starts the dashboard. It does not run in a frame. */

import { App } from "./app.js";
import { followLinks } from "./router.js";
import { LOGIN } from "./routes.js";
import { handedOver } from "./session.js";
import { html, render } from "./ui.js";

// A static website cannot send frame-ancestors, so the script prevents framing.
const isFramed = window.top !== window.self;

followLinks(document);
const session = isFramed ? undefined : handedOver();
if (location.pathname !== LOGIN) await session; // /login shows its form immediately; a session that arrives later replaces it
render(isFramed ? html`<${Framed} />` : html`<${App} />`, document.body);

function Framed() {
  return html`
    <p class="alone">The dashboard cannot run inside another page. <a href=${location.href} target="_blank" rel="noopener">Open it in a new window</a>.</p>
  `;
}
