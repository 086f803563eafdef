/** The origins to which buyers may return after a payment. */

import { me, saveReturnOrigins } from "../api.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { Loaded } from "../parts/states.js";
import { useAction, useRequest } from "../request.js";
import { html, useState } from "../ui.js";

export function ReturnOrigins() {
  const request = useRequest(me, []);
  return html`
    <section class="card" data-test-id="return-origins">
      <h2>Return pages</h2>
      <p class="faint">
        A payment can have a return URL on one of these origins. After the payment, the checkout page links to it, with the signed
        result.
      </p>
      <${Loaded} request=${request} rows=${2} show=${(merchant) => html`<${Origins} saved=${merchant.return_origins} />`} />
    </section>
  `;
}

function Origins({ saved }) {
  const [text, setText] = useState(saved.join(" "));
  const { run, isBusy, error } = useAction();
  const save = async (event) => {
    event.preventDefault();
    const changed = await run(() => saveReturnOrigins(text.split(/[\s,]+/).filter(Boolean)));
    if (!changed) return;
    setText(changed.return_origins.join(" "));
    notify(changed.return_origins.length ? "Return pages saved" : "Return pages removed");
  };
  return html`
    <form class="account-form" data-test-id="return-origins-form" onSubmit=${save} noValidate>
      <${Field} id="return-origins" label="Origins" type="text" spellcheck="false" autocomplete="off" placeholder="https://shop.example"
        data-test-id="return-origins-input" value=${text} error=${error?.message}
        hint="Scheme and host, without a path. Separate several origins with spaces." onInput=${(event) => setText(event.target.value)} />
      <button class="button primary" data-test-id="save-return-origins-button" aria-disabled=${isBusy}>Save</button>
    </form>
  `;
}
