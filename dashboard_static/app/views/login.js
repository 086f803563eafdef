/** The login page. */

import { isLive, ModeBadge, setTitle } from "../mode.js";
import { SignInForm } from "../parts/sign-in-form.js";
import { whyEnded } from "../session.js";
import { html, useEffect } from "../ui.js";

export function Login() {
  const reason = whyEnded();
  useEffect(() => {
    setTitle("Sign in");
  }, []);
  return html`
    <main class="login">
      <${SignInForm} class="card login-form">
        <img src="/icon.svg" alt="" width="40" height="40" />
        <${ModeBadge} />
        <h1>Sign in</h1>
        <p class="faint">View your payments, refunds and webhooks.${!isLive && " No money moves in test mode."}</p>
        ${reason && html`<p class="warning" role="status">${reason}</p>`}
      <//>
    </main>
  `;
}
