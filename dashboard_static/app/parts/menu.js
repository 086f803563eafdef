/** The menu: its links in groups. On a narrow screen, a button shows and hides it. */

import { GROUPS, ROUTES } from "../routes.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { Icon } from "./icons.js";

export function Menu({ path }) {
  const [isOpen, setOpen] = useState(false);
  const [button, menu] = [useRef(null), useRef(null)];
  useEffect(() => {
    setOpen(false);
    menu.current.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [path]);
  const closeByKey = (event) => {
    if (event.key !== "Escape" || !isOpen) return;
    setOpen(false);
    button.current.focus();
  };
  return html`
    <button type="button" class="button small menu-button" ref=${button} aria-expanded=${isOpen} aria-controls="menu" data-test-id="menu-button"
      onClick=${() => setOpen(!isOpen)} onKeyDown=${closeByKey}><${Icon} name="menu" />Menu</button>
    <nav id="menu" aria-label="Dashboard" class=${isOpen ? "open" : ""} ref=${menu} onKeyDown=${closeByKey}>
      ${GROUPS.map((group) => html`<${Group} key=${group} group=${group} path=${path} close=${() => setOpen(false)} />`)}
    </nav>
  `;
}

/** A link to the open page closes the menu too. */
function Group({ group, path, close }) {
  const routes = Object.entries(ROUTES).filter(([, route]) => route.group === group);
  const id = `menu-${group.toLowerCase()}`;
  return html`
    <div role="group" aria-labelledby=${id}>
      <p id=${id}>${group}</p>
      ${routes.map(
        ([address, { menu, icon }]) => html`
          <a key=${address} href=${address} aria-current=${address === path ? "page" : undefined} onClick=${close}><${Icon} name=${icon} />${menu}</a>
        `,
      )}
    </div>
  `;
}
