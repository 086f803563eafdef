/** A sign-in dialog on the page where the session ended. Form input is kept, and rejected requests are sent again. */

import { Dialog } from "../parts/dialog.js";
import { SignInForm } from "../parts/sign-in-form.js";
import { current, end } from "../session.js";
import { html } from "../ui.js";

export function SignInAgain() {
  const leave = html`<button type="button" class="button" onClick=${end}>Sign out</button>`;
  return html`
    <${Dialog} title="Sign in to continue" stays>
      <${SignInForm} email=${current().merchant.email} beside=${leave}>
        <p class="reason" role="status" data-test-id="session-ended">
          Your session has ended. A session lasts 12 hours. It ends earlier when the password is changed or when it is ended from
          another device.
        </p>
        <p class="faint">What you entered on this page is kept.</p>
      <//>
    <//>
  `;
}
