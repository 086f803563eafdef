/** The layout around every view: the navigation and the account. */

import { signOut } from "../api.js";
import { isFailing, nameOf, useEndpoints } from "../endpoints.js";
import { HOME } from "../home.js";
import { ModeBadge } from "../mode.js";
import { current, end } from "../session.js";
import { html, useEffect, useRef } from "../ui.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";
import { SearchField } from "./search-field.js";

export function Shell({ path, search, children }) {
  const main = useRef(null);
  const opened = useRef(path + search);
  useEffect(() => {
    const isNewView = opened.current.split("?")[0] !== path;
    const isLost = opened.current !== path + search && document.activeElement === document.body; // the link with the focus is gone
    if (isNewView || isLost) main.current.focus(); // keyboard users continue here
    opened.current = path + search;
  }, [path, search]);

  return html`
    <a class="skip" href="#main" onClick=${(event) => (event.preventDefault(), main.current.focus())}>Skip to content</a>
    <header class="side">
      <a class="brand" href=${HOME}><img src="/icon.svg" alt="" width="28" height="28" />Payments</a>
      <${ModeBadge} />
      <${SearchField} />
      <${Menu} path=${path} />
      <${Account} />
    </header>
    <main id="main" tabindex="-1" ref=${main}><${DeliveryBanner} path=${path} />${children}</main>
  `;
}

/** Shown while webhooks cannot be delivered. The live region exists before its text, so that screen readers announce it. */
function DeliveryBanner({ path }) {
  const [first, ...others] = (useEndpoints(path) ?? []).filter((endpoint) => isFailing(endpoint));
  return html`
    <div role="status" data-test-id="delivery-banner">
      ${first &&
      html`
        <p class="banner">
          <b>Webhooks are not delivered</b>
          <span>
            ${first.status === "disabled" ? "Disabled after failing for days" : "The latest attempt failed"}: ${nameOf(first)}
            ${others.length > 0 && ` and ${others.length} more`}
          </span>
          <a href="/dashboard/webhooks">View webhooks</a>
        </p>
      `}
    </div>
  `;
}

function Account() {
  const leave = () => {
    signOut().catch(() => {}); // this tab drops the token in any case; the session expires on the server
    end();
  };
  const { merchant } = current();
  return html`
    <div class="account">
      <p><b>${merchant.name}</b><br /><span class="faint">${merchant.email}</span></p>
      <button type="button" class="button small" onClick=${leave}><${Icon} name="out" />Sign out</button>
    </div>
  `;
}
