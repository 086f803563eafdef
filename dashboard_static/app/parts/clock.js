/** The test clock of the merchant: its time, and buttons that move it ahead. Absent in production. */

import { advanceClock, clock } from "../api.js";
import { Field } from "./field.js";
import { notify } from "./notice.js";
import { useAction, useRequest } from "../request.js";
import { count } from "../format.js";
import { html, useState } from "../ui.js";
import { When } from "./when.js";

const REFRESH_MS = 5_000;
const STEPS = [
  ["1h", "+1 hour"],
  ["1d", "+1 day"],
];

export function Clock() {
  const { data, reload } = useRequest(clock, [], { everyMs: REFRESH_MS });
  if (!data) return null; // production, or not loaded: nothing follows this section, so nothing moves
  return html`
    <section class="card" data-test-id="test-clock">
      <h2>Test clock</h2>
      <p class="faint">
        Move the time of your account ahead: retries, expiry and everything else that becomes due is processed in order. The clock
        cannot be set back.
      </p>
      <p class="clock-time">
        <${When} at=${data.now} exact data-test-id="clock-now" />${" "}
        <span class="faint" data-test-id="clock-ahead">${data.ahead_s ? `${distance(data.ahead_s)} ahead of the real time` : "the real time"}</span>
      </p>
      <${Controls} target=${data.target} reload=${reload} />
    </section>
  `;
}

function Controls({ target, reload }) {
  const [duration, setDuration] = useState("2h36m");
  const { run, isBusy, error } = useAction();
  const move = async (by) => {
    const moved = await run(() => advanceClock(by));
    reload();
    if (moved) notify(`The clock was moved; ${moved.processed === 1 ? "1 job" : `${count(moved.processed)} jobs`} processed`);
  };
  return html`
    <form class="clock-form" data-test-id="clock-form" onSubmit=${(event) => (event.preventDefault(), move({ advance: duration.trim() }))} noValidate>
      <${Field} id="clock-duration" label="Move ahead by" type="text" spellcheck="false" autocomplete="off" data-test-id="clock-duration-input"
        value=${duration} error=${error?.message} hint="Days, hours, minutes and seconds, such as 1d or 2h36m." onInput=${(event) => setDuration(event.target.value)} />
      <div class="actions start">
        <button class="button primary" data-test-id="advance-clock-button" aria-disabled=${isBusy}>${isBusy ? "Moving…" : "Move ahead"}</button>
        ${STEPS.map(([advance, label]) => html`<button type="button" class="button" aria-disabled=${isBusy} onClick=${() => move({ advance })}>${label}</button>`)}
        ${target && !isBusy && html`<button type="button" class="button" data-test-id="continue-clock-button" onClick=${() => move({ to: target })}>Continue</button>`}
      </div>
    </form>
  `;
}

/** `1 d 2 h`: the two largest units. */
function distance(seconds) {
  const units = [
    ["d", Math.floor(seconds / 86_400)],
    ["h", Math.floor(seconds / 3_600) % 24],
    ["min", Math.floor(seconds / 60) % 60],
    ["s", seconds % 60],
  ];
  const given = units.filter(([, number]) => number > 0).slice(0, 2);
  return given.map(([unit, number]) => `${number} ${unit}`).join(" ");
}
