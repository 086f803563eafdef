/** The time zone of the merchant, which the dashboard and exports use. */

import { saveTimeZone } from "../api.js";
import { Field } from "../parts/field.js";
import { notify } from "../parts/notice.js";
import { useAction } from "../request.js";
import { current } from "../session.js";
import { isZone, timeIn } from "../times.js";
import { html, useState } from "../ui.js";

/** Browsers keep former names of some cities. */
const RENAMED = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "America/Godthab": "America/Nuuk",
  "Europe/Kiev": "Europe/Kyiv",
};

const named = (zone) => RENAMED[zone] ?? zone;
const zones = () => [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone").map(named)])];

export function TimeZone() {
  const saved = current().merchant.time_zone ?? "UTC";
  return html`
    <section class="card" data-test-id="time-zone">
      <h2>Time zone</h2>
      <p class="faint">
        The dashboard shows times, and counts the days of lists and exports, in this zone. Charts and totals of the overview count by
        UTC day.
      </p>
      <${Zone} key=${saved} saved=${saved} />
    </section>
  `;
}

function Zone({ saved }) {
  const [text, setText] = useState(saved);
  const [refused, setRefused] = useState(null); // the text that the server rejected
  const { run, isBusy, error } = useAction();
  const own = named(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const save = async (event) => {
    event.preventDefault();
    const wanted = text.trim();
    setRefused(wanted);
    const changed = await run(() => saveTimeZone(wanted));
    if (changed) notify(`The time zone is ${changed.time_zone}`);
  };
  return html`
    <form class="account-form" data-test-id="time-zone-form" onSubmit=${save} noValidate>
      <${Field} id="time-zone" label="Zone" type="text" list="time-zones" spellcheck="false" autocomplete="off" autocapitalize="off"
        placeholder="Asia/Kolkata" data-test-id="time-zone-input" value=${text} error=${refused === text.trim() ? error?.message : undefined}
        hint=${clockOf(text.trim())} onInput=${(event) => setText(event.target.value)} />
      <datalist id="time-zones">${zones().map((zone) => html`<option value=${zone} />`)}</datalist>
      <div class="actions start">
        <button class="button primary" data-test-id="save-time-zone-button" aria-disabled=${isBusy}>${isBusy ? "Saving…" : "Save"}</button>
        ${own !== text.trim() &&
        html`<button type="button" class="button" data-test-id="use-own-zone-button" onClick=${() => setText(own)}>Use ${own}</button>`}
      </div>
    </form>
  `;
}

/** The current time in the typed zone, to confirm the choice. */
function clockOf(zone) {
  return isZone(zone) ? `It is now ${timeIn(zone, new Date())}.` : "A city or region, such as Asia/Kolkata. Type to search.";
}
