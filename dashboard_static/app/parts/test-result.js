/** The result of a test webhook: the response to its first attempt. */

import { webhook } from "../api.js";
import { html } from "../ui.js";
import { deliveryStatus, Status } from "./status.js";

const POLL_MS = 500;
const PATIENCE_MS = 20_000;

/** The log after its first attempt, or its current state after a time-out. */
export async function attempted(id) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const log = await webhook(id);
    if (log.attempts > 0 || Date.now() > deadline) return log;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function TestResult({ log }) {
  const [attempt] = log.attempt_log;
  const link = html`<a href="/dashboard/webhooks?log=${log.id}">View details</a>`;
  if (!attempt) return html`<p class="result">There is no attempt yet. ${link}</p>`;
  return html`
    <p class="result">
      <${Status} of=${deliveryStatus(log)} /> ${attempt.response_code ?? attempt.error} after ${attempt.latency_ms} ms. ${link}
    </p>
  `;
}
