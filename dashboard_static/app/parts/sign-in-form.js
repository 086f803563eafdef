/** The sign-in form, for the login page and for the dialog. */

import { signIn } from "../api.js";
import { useAction } from "../request.js";
import { begin } from "../session.js";
import { html, useState } from "../ui.js";
import { Field } from "./field.js";

/** `children` are above the fields, `beside` is next to the button. */
export function SignInForm({ email: known = "", beside, children, ...form }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const { run, isBusy, error } = useAction();
  const submit = async (event) => {
    event.preventDefault();
    await run(async () => begin(await signIn(email.trim(), password)));
  };
  return html`
    <form data-test-id="login-form" onSubmit=${submit} ...${form}>
      ${children}
      <${Field} id="email" label="Email" type="email" autocomplete="username" required data-test-id="email-input"
        value=${email} onInput=${(event) => setEmail(event.target.value)} />
      <${Field} id="password" label="Password" type="password" autocomplete="current-password" required autofocus=${Boolean(known)}
        data-test-id="password-input" value=${password} onInput=${(event) => setPassword(event.target.value)} />
      ${error && html`<p class="field-error" role="alert">${words(error)}</p>`}
      <div class="sign-in-actions">
        ${beside}
        <button class="button primary" data-test-id="login-button" aria-disabled=${isBusy}>${isBusy ? "Signing in…" : "Sign in"}</button>
      </div>
    </form>
  `;
}

function words(error) {
  if (error.status === 401) return "The email address or the password is wrong.";
  return error.status === 429 ? tooMany(error) : error.message;
}

/** The message for a request that was rejected after too many wrong passwords. */
export function tooMany({ retryAfterS }) {
  const minutes = retryAfterS ? Math.ceil(retryAfterS / 60) : 15;
  return `Too many attempts. Try again in ${minutes} min.`;
}
