/** The merchant's account: details, password and other sessions. */

import { changePassword, endOtherSessions } from "../api.js";
import { Dialog } from "../parts/dialog.js";
import { Facts } from "../parts/facts.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { tooMany } from "../parts/sign-in-form.js";
import { useAction } from "../request.js";
import { current } from "../session.js";
import { html, useState } from "../ui.js";
import { ReturnOrigins } from "./return-origins.js";
import { TimeZone } from "./time-zone.js";

const MIN_PASSWORD_CHARS = 12;
const NOTHING = { current: "", next: "", repeated: "" };

export function Account() {
  const { merchant } = current();
  return html`
    <div class="stack" data-test-id="account">
      <h1>Account</h1>
      <section class="card">
        <h2>Merchant</h2>
        <${Facts} of=${[
          ["Name", merchant.name],
          ["Email", merchant.email],
          ["Id", html`<code>${merchant.id}</code>`],
        ]} />
      </section>
      <${TimeZone} />
      <${ReturnOrigins} />
      <${Password} email=${merchant.email} />
      <${Sessions} />
    </div>
  `;
}

function Password({ email }) {
  const [typed, setTyped] = useState(NOTHING);
  const [wrong, setWrong] = useState({});
  const { run, isBusy, error } = useAction();
  const field = (name) => ({
    value: typed[name],
    onInput: (event) => {
      setTyped({ ...typed, [name]: event.target.value });
      setWrong({ ...wrong, [name]: undefined });
    },
  });
  const submit = async (event) => {
    event.preventDefault();
    const found = problems(typed);
    setWrong(found);
    if (Object.keys(found).length) return;
    await run(async () => {
      await changePassword(typed.current, typed.next);
      setTyped(NOTHING);
      notify("Password changed. All other sessions have ended.");
    });
  };
  const refused = Object.keys(wrong).length ? {} : refusals(error);
  const complaint = (name) => wrong[name] ?? refused[name];
  return html`
    <section class="card">
      <h2>Password</h2>
      <p class="faint">A new password ends all other sessions of this account immediately. You stay signed in here.</p>
      <form class="account-form" data-test-id="change-password-form" onSubmit=${submit} noValidate>
        <input class="unseen" type="email" autocomplete="username" value=${email} readonly tabindex="-1" aria-hidden="true" />
        <${Field} id="current-password" label="Current password" type="password" autocomplete="current-password"
          data-test-id="current-password-input" error=${complaint("current")} ...${field("current")} />
        <${Field} id="new-password" label="New password" type="password" autocomplete="new-password"
          hint=${`At least ${MIN_PASSWORD_CHARS} characters.`} data-test-id="new-password-input" error=${complaint("next")} ...${field("next")} />
        <${Field} id="repeated-password" label="New password again" type="password" autocomplete="new-password"
          data-test-id="repeated-password-input" error=${complaint("repeated")} ...${field("repeated")} />
        ${refused.other && html`<p class="field-error" role="alert">${refused.other}</p>`}
        <button class="button primary" data-test-id="change-password-button" aria-disabled=${isBusy}>
          ${isBusy ? "Changing…" : "Change password"}
        </button>
      </form>
    </section>
  `;
}

/** The problems that can be found without a request, by field. */
function problems({ current: known, next, repeated }) {
  const found = {};
  if (!known) found.current = "Enter your current password.";
  if ([...next].length < MIN_PASSWORD_CHARS) found.next = `Enter at least ${MIN_PASSWORD_CHARS} characters.`;
  else if (next === known) found.next = "Enter a password other than the current one.";
  if (next !== repeated) found.repeated = "The passwords do not match.";
  return found;
}

/** The problems that the server reported, by field. */
function refusals(error) {
  if (!error) return {};
  if (error.status === 429) return { other: tooMany(error) };
  if (error.field === "new_password") return { next: error.message };
  if (error.field !== "current_password") return { other: error.message };
  return { current: error.message.endsWith("is wrong") ? "The current password is wrong." : error.message };
}

function Sessions() {
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction();
  const confirm = async () => {
    if (!(await run(endOtherSessions))) return;
    notify("All other sessions have ended.");
    setAsked(false);
  };
  return html`
    <section class="card">
      <h2>Sessions</h2>
      <p class="faint">
        If you are signed in on a device that you no longer use or trust, end all other sessions of this account. If another person
        may know the password, change it instead, which also ends all other sessions.
      </p>
      <div class="actions start">
        <button type="button" class="button" data-test-id="end-other-sessions-button" onClick=${() => setAsked(true)}>End other sessions</button>
      </div>
      ${isAsked &&
      html`
        <${Dialog} title="End all other sessions?" close=${() => setAsked(false)}>
          <p>All other users and devices must sign in again. API keys are not affected.</p>
          ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
          <div class="actions">
            <button type="button" class="button" onClick=${() => setAsked(false)}>Cancel</button>
            <button type="button" class="button danger" data-test-id="confirm-end-sessions-button" aria-disabled=${isBusy} onClick=${confirm}>
              ${isBusy ? "Ending…" : "End other sessions"}
            </button>
          </div>
        <//>
      `}
    </section>
  `;
}
