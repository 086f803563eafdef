/** Exports payments, refunds or events of a range as CSV, with visible progress. */

import { exported } from "../api.js";
import { exportFile, fileName } from "../exports.js";
import { needsClick, openFile } from "../files.js";
import { count } from "../format.js";
import { Dialog } from "../parts/dialog.js";
import { Select } from "../parts/options.js";
import { Range } from "../parts/range.js";
import { whyWaiting } from "../patience.js";
import { boundsOf, problemOf } from "../ranges.js";
import { dateTime, merchantZone } from "../times.js";
import { html, useEffect, useRef, useState } from "../ui.js";

const KINDS = [
  ["payments", "Payments"],
  ["refunds", "Refunds"],
  ["events", "Events"],
];
const FIRST = { header: undefined, cursor: undefined, part: 1 };

/** A button that opens the dialog with the range of the page's list. */
export function ExportButton({ kind, range = {} }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <button type="button" class="button" data-test-id="export-button" onClick=${() => setOpen(true)}>Export ${kind}…</button>
    ${isOpen && html`<${ExportDialog} kind=${kind} range=${problemOf(range) ? {} : range} close=${() => setOpen(false)} />`}
  `;
}

function ExportDialog({ kind: wanted, range: listed, close }) {
  const [kind, setKind] = useState(wanted);
  const [range, setRange] = useState(listed);
  const [next, setNext] = useState(FIRST); // the file to write
  const run = useExport();
  const restart = (set) => (value) => {
    set(value);
    setNext(FIRST);
    run.forget();
  };
  const start = async (event) => {
    event.preventDefault();
    if (problemOf(range)) return;
    const query = boundsOf(range, merchantZone());
    const written = await run.start(next, fileName(kind, range, next.part), (cursor, signal) => exported(kind, { ...query, cursor }, signal));
    if (written) setNext(written.cursor ? { ...written, part: next.part + 1 } : FIRST);
  };
  useUnloadWarning(run.isBusy);
  return html`
    <${Dialog} title="Export as CSV" close=${close} stays=${run.isBusy}>
      <form data-test-id="export-form" onSubmit=${start}>
        <${Select} id="export-kind" label="Rows" options=${KINDS} chosen=${kind} choose=${restart(setKind)} disabled=${run.isBusy}
          data-test-id="export-kind" />
        <${Range} id="export" legend=${`${kind === "events" ? "Recorded" : "Created"} (${merchantZone()})`} range=${range}
          set=${restart(setRange)} disabled=${run.isBusy} />
        <p class="hint">
          All ${kind} of this period; other filters of the list do not apply. Times are in ${merchantZone()}.
          ${kind === "events" && " Events are kept for 90 days."}
        </p>
        <p class="hint">File: <code class="file-name" data-test-id="export-file">${fileName(kind, range, next.part)}</code></p>
        <${Progress} run=${run} kind=${kind} hasNext=${next.part > 1} />
        <div class="actions">
          ${run.isBusy
            ? html`<button type="button" class="button" data-test-id="cancel-export-button" onClick=${run.cancel}>Cancel</button>`
            : html`<button type="button" class="button" onClick=${close}>Close</button>`}
          ${run.choose
            ? html`<button type="button" class="button primary" data-test-id="choose-file-button" onClick=${run.choose}>Choose the file…</button>`
            : html`<button class="button primary" data-test-id="start-export-button" aria-disabled=${run.isBusy}>
                ${run.isBusy ? "Exporting…" : next.part > 1 ? `Continue with file ${next.part}` : "Export"}
              </button>`}
        </div>
      </form>
    <//>
  `;
}

/** The region exists before its text, so that screen readers announce it. */
function Progress({ run, kind, hasNext }) {
  const { progress, wait, error, choose } = run;
  return html`
    <div role="status" class="progress" data-test-id="export-progress">${progress && !choose && html`<p>${words(progress, kind, hasNext)}</p>`}${
      wait && html`<p>${whyWaiting(wait)}</p>`}${choose && html`<p>The first rows have arrived. Choose where to save the file.</p>`}</div>
    ${error && html`<p class="field-error" role="alert" data-test-id="export-error">${error.message}${
      error.requestId && ` Request ${error.requestId}.`}</p>`}
  `;
}

function words({ state, rows, last }, kind, hasNext) {
  const number = `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
  if (state === "cancelled") return rows ? `Cancelled after ${number}. No file was saved.` : "Cancelled. No file was saved.";
  const reached = kind === "events" ? "up to" : "back to"; // payments and refunds are exported newest first
  if (state === "running") return rows ? `${number}, ${reached} ${dateTime(last)} …` : "Loading the first rows …";
  if (!rows) return hasNext ? "There are no further rows." : "There are no rows in this period, so no file was saved.";
  if (!hasNext) return `Saved ${number}.`;
  return `Saved ${number}. The file is full, because spreadsheets cannot open more rows. It ends at ${dateTime(last)}.`;
}

/** The state of an export, and the functions that control it. */
function useExport() {
  const [state, setState] = useState({});
  const aborter = useRef(null);
  useEffect(() => () => aborter.current?.abort(), []); // a closed dialog sends no further requests

  const start = async (from, name, load) => {
    if (aborter.current) return undefined;
    const { signal } = (aborter.current = new AbortController());
    const change = (changes) => setState((now) => ({ ...now, ...changes }));
    const report = (progress) => change({ progress: { state: "running", ...progress } });
    setState({ isBusy: true });
    report({ rows: 0 });
    try {
      const written = await exportFile(from, {
        load: (cursor) => load(cursor, signal),
        open: () => opened(name, signal, change),
        report,
        signal,
        onWait: (wait) => change({ wait }),
      });
      setState({ progress: { state: "done", ...written } });
      return written;
    } catch (error) {
      const isCancelled = error.name === "AbortError";
      setState(({ progress }) => ({ progress: isCancelled && { ...progress, state: "cancelled" }, error: isCancelled ? undefined : error }));
      return undefined;
    } finally {
      aborter.current = null;
    }
  };
  return { ...state, start, cancel: () => aborter.current?.abort(), forget: () => setState({}) };
}

/** The file, after a click if the browser requires one. */
async function opened(name, signal, change) {
  if (!needsClick()) return openFile(name);
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      change({ choose: () => openFile(name).then(resolve, reject) });
    });
  } finally {
    change({ choose: undefined });
  }
}

/** The browser asks before it leaves the page. */
function useUnloadWarning(isBusy) {
  useEffect(() => {
    if (!isBusy) return undefined;
    const warn = (event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isBusy]);
}
