/** The login page. */

import { SignInForm } from "../parts/sign-in-form.js";
import { whyEnded } from "../session.js";
import { html, useEffect } from "../ui.js";

export function Login() {
  const reason = whyEnded();
  useEffect(() => {
    document.title = "Sign in · Dashboard";
  }, []);
  return html`
    <main class="login">
      <${SignInForm} class="card login-form">
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>Sign in</h1>
        <p class="faint">View your payments, refunds and webhooks.</p>
        ${reason && html`<p class="warning" role="status">${reason}</p>`}
      <//>
    </main>
  `;
}
