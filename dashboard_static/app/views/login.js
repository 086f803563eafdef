/** Signing in. */

import { signIn } from "../api.js";
import { Field } from "../parts/field.js";
import { useAction } from "../request.js";
import { begin } from "../session.js";
import { html, useEffect, useState } from "../ui.js";

export function Login() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { run, isBusy, error } = useAction();
  useEffect(() => {
    document.title = "Sign in · Dashboard";
  }, []);

  const submit = async (event) => {
    event.preventDefault();
    await run(async () => begin(await signIn(email.trim(), password)));
  };
  return html`
    <main class="login">
      <form class="card login-form" data-test-id="login-form" onSubmit=${submit}>
        <img src="/icon.svg" alt="" width="40" height="40" />
        <h1>Sign in</h1>
        <p class="faint">To see your payments, refunds and webhooks.</p>
        <${Field} id="email" label="Email" type="email" autocomplete="username" required data-test-id="email-input"
          value=${email} onInput=${(event) => setEmail(event.target.value)} />
        <${Field} id="password" label="Password" type="password" autocomplete="current-password" required
          data-test-id="password-input" value=${password} onInput=${(event) => setPassword(event.target.value)} />
        ${error && html`<p class="field-error" role="alert">${words(error)}</p>`}
        <button class="button primary wide" data-test-id="login-button" disabled=${isBusy}>
          ${isBusy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  `;
}

function words(error) {
  if (error.status === 401) return "The email address or the password is wrong.";
  if (error.status !== 429) return error.message;
  const minutes = error.retryAfterS ? Math.ceil(error.retryAfterS / 60) : 15;
  return `Too many attempts. Try again in ${minutes} min.`;
}
