/** Sends past webhooks of an endpoint again, with visible progress. */

import { replayWebhooks } from "../api.js";
import { nameOf } from "../endpoints.js";
import { count } from "../format.js";
import { Dialog } from "../parts/dialog.js";
import { Field } from "../parts/field.js";
import { Radios } from "../parts/options.js";
import { useAction } from "../request.js";
import { merchantZone } from "../times.js";
import { html, useEffect, useRef, useState } from "../ui.js";
import { dayIn, startOfDay } from "../zones.js";

const STATUSES = [
  ["failed", "Failed webhooks"],
  ["all", "All webhooks", "Also those that the endpoint accepted. Its server must ignore duplicates by webhook-id."],
];
const NOT_STARTED = { replayed: 0, cursor: undefined, isDone: false };

export function ReplayDialog({ endpoint, close }) {
  const today = dayIn(merchantZone(), Date.now());
  const [since, setSince] = useState(today);
  const [status, setStatus] = useState("failed");
  const [progress, setProgress] = useState(NOT_STARTED);
  const { run, isBusy, error } = useAction();
  const isStopped = useRef(false);
  useEffect(() => () => (isStopped.current = true), []); // a closed dialog sends no further requests

  const hasStarted = progress.replayed > 0 || progress.cursor !== undefined;
  const restart = (set) => (value) => {
    set(value);
    setProgress(NOT_STARTED);
  };
  const replay = async (submitted) => {
    submitted.preventDefault();
    isStopped.current = false;
    await run(async () => {
      let now = progress.isDone ? NOT_STARTED : progress;
      while (!isStopped.current && !now.isDone) {
        const { replayed, next_cursor: cursor } = await replayWebhooks(endpoint.id, { since: startOfDay(merchantZone(), since), status, cursor: now.cursor });
        now = { replayed: now.replayed + replayed, cursor: cursor ?? undefined, isDone: cursor === null };
        setProgress(now);
      }
    });
  };
  const stop = () => (isStopped.current = true);
  return html`
    <${Dialog} title="Replay webhooks" close=${close}>
      <form data-test-id="replay-form" onSubmit=${replay}>
        <p class="faint">${nameOf(endpoint)}</p>
        <${Field} id="replay-since" label=${`Created since (day in ${merchantZone()})`} type="date" required max=${today} value=${since}
          data-test-id="replay-since-input" readonly=${isBusy} onInput=${(event) => restart(setSince)(event.target.value)} />
        <${Radios} name="replay-status" legend="Webhooks" options=${STATUSES} chosen=${status} choose=${restart(setStatus)} disabled=${isBusy} />
        <p role="status" class="progress" data-test-id="replay-progress">${words(progress, isBusy, hasStarted)}</p>
        ${error && html`<p class="field-error" role="alert">${error.message}</p>`}
        <div class="actions">
          <button type="button" class="button" onClick=${close}>Close</button>
          ${(isBusy || hasStarted) &&
          html`<button type="button" class="button" data-test-id="stop-replay-button" aria-disabled=${!isBusy} onClick=${stop}>Stop</button>`}
          <button class="button primary" data-test-id="start-replay-button" aria-disabled=${isBusy}>
            ${isBusy ? "Replaying…" : hasStarted && !progress.isDone ? "Continue" : "Replay"}
          </button>
        </div>
      </form>
    <//>
  `;
}

function words({ replayed, isDone }, isBusy, hasStarted) {
  const sent = `Replayed ${count(replayed)} ${replayed === 1 ? "webhook" : "webhooks"}`;
  if (isDone) return replayed ? `${sent}. The log shows the responses.` : "There are no such webhooks.";
  if (isBusy) return `${sent} …`;
  return hasStarted ? `${sent} and stopped.` : "";
}
