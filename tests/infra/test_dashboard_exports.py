"""Exports and sums of the dashboard: order, waiting, and the limit of a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pages import run_script, stage_modules

FAKES = """
import { exportFile, fileName } from "./app/exports.js";
import { addAll, NOTHING } from "./app/sums.js";
const log = [];
const waiting = {
  signal: new AbortController().signal,
  onWait: (wait) => wait && log.push([wait.error.status, wait.seconds]),
  sleep: async () => {},
};
/** A server of parts. An array is its failures, each of which is returned once, and then the part. */
const serve = (parts) => async (cursor = 0) => {
  log.push(`part ${cursor}`);
  const part = parts[cursor];
  if (!Array.isArray(part)) return part;
  const failure = part.shift();
  if (part.length === 1) parts[cursor] = part[0];
  throw Object.assign(new Error("failed"), failure);
};
const disk = () => {
  const file = { text: "", state: "open" };
  return { file, open: async () => ({
    write: async (text) => void (file.text += text),
    close: async () => void (file.state = "closed"),
    abort: async () => void (file.state = "aborted"),
  }) };
};
const lines = (...rows) => rows.map((row) => `${row}\\r\\n`).join("");
const reports = [];
const report = (one) => reports.push(one);
const shown = (result) => console.log(JSON.stringify({ result, log, reports }));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("modules")
    stage_modules(folder)
    return folder


@pytest.fixture
def run(folder):
    def in_node(script: str) -> dict[str, Any]:
        output: dict[str, Any] = json.loads(run_script(folder, FAKES + script, ""))
        return output

    return in_node


def test_a_file_has_one_header_all_parts_in_order_and_a_byte_order_mark(run):
    done = run("""
    const load = serve([
      { text: lines("created_at,amount", "t5,1", "t4,2"), cursor: 1 },
      { text: "", cursor: 2 },
      { text: lines('t3,"a, b"'), cursor: null },
    ]);
    const { file, open } = disk();
    const written = await exportFile({}, { load, open, report, ...waiting });
    shown({ ...file, ...written });
    """)
    assert done["result"] == {
        "text": '\ufeffcreated_at,amount\r\nt5,1\r\nt4,2\r\nt3,"a, b"\r\n',
        "state": "closed",
        "header": "created_at,amount",
        "rows": 3,
        "last": "t3",
    }
    assert done["reports"] == [
        {"rows": 2, "last": "t4"},
        {"rows": 2, "last": "t4"},
        {"rows": 3, "last": "t3"},
    ]
    assert done["log"] == ["part 0", "part 1", "part 2"]


def test_a_full_file_ends_and_the_next_one_continues_with_the_same_header(run):
    done = run("""
    const load = serve([
      { text: lines("h", "t4"), cursor: 1 },
      { text: lines("t3"), cursor: 2 },
      { text: lines("t2"), cursor: null },
    ]);
    const [one, two] = [disk(), disk()];
    const first = await exportFile({}, { load, open: one.open, report, maxRows: 1_001, ...waiting });
    const second = await exportFile(first, { load, open: two.open, report, maxRows: 1_001, ...waiting });
    const names = [1, 2].map((part) => fileName("payments", { from: "2026-03-01", to: "2026-03-31" }, part));
    shown({ texts: [one.file.text, two.file.text], first, second, names });
    """)
    assert done["result"]["texts"] == ["\ufeffh\r\nt4\r\nt3\r\n", "\ufeffh\r\nt2\r\n"]
    assert done["result"]["first"] == {"header": "h", "cursor": 2, "rows": 2, "last": "t3"}
    assert done["result"]["second"] == {"header": "h", "rows": 1, "last": "t2"}
    assert done["log"] == ["part 0", "part 1", "part 2"], "no part is requested twice"
    assert done["result"]["names"] == [
        "payments-2026-03-01-to-2026-03-31.csv",
        "payments-2026-03-01-to-2026-03-31-part-2.csv",
    ]


def test_without_rows_no_file_is_created(run):
    done = run("""
    const open = async () => { throw new Error("opened"); };
    const load = serve([{ text: lines("h"), cursor: 1 }, { text: "", cursor: null }]);
    shown(await exportFile({}, { load, open, report, ...waiting }));
    """)
    assert done["result"] == {"header": "h", "rows": 0, "last": None}


def test_a_throttled_or_lost_part_is_requested_again_and_no_row_is_doubled(run):
    done = run("""
    const load = serve([
      { text: lines("h", "t2"), cursor: 1 },
      [{ status: 429, retryAfterS: 7 }, { status: 0 }, { status: 503 }, { text: lines("t1"), cursor: null }],
    ]);
    const { file, open } = disk();
    await exportFile({}, { load, open, report, ...waiting });
    shown(file);
    """)
    assert done["result"] == {"text": "\ufeffh\r\nt2\r\nt1\r\n", "state": "closed"}
    assert done["log"] == ["part 0", "part 1", [429, 7], "part 1", [0, 2], "part 1", [503, 4], "part 1"]


@pytest.mark.parametrize(("failure", "tries"), [("{ status: 400 }", 1), ("{ status: 500 }", 6)])
def test_an_error_that_stays_aborts_the_file(run, failure, tries):
    done = run(f"""
    const load = serve([{{ text: lines("h", "t2"), cursor: 1 }}, Array(9).fill({failure})]);
    const {{ file, open }} = disk();
    const error = await exportFile({{}}, {{ load, open, report, ...waiting }}).catch((error) => error);
    shown({{ state: file.state, status: error.status }});
    """)
    assert done["result"]["state"] == "aborted"
    assert done["log"].count("part 1") == tries


def test_a_cancelled_export_sends_no_further_request(run):
    done = run("""
    const aborter = new AbortController();
    const load = serve([{ text: lines("h", "t2"), cursor: 1 }, [{ status: 0 }, { text: "", cursor: null }]]);
    const { file, open } = disk();
    const cancel = () => { aborter.abort(); throw aborter.signal.reason; };
    const options = { load, open, report, ...waiting, signal: aborter.signal, sleep: async () => cancel() };
    const error = await exportFile({}, options).catch((error) => error);
    shown([file.state, error.name]);
    """)
    assert done["result"] == ["aborted", "AbortError"]
    assert done["log"] == ["part 0", "part 1", [0, 1]]


def test_sums_are_added_per_currency_and_continue_after_a_stop(run):
    done = run("""
    const line = (currency, payments, gross, refunded) =>
      ({ currency, payments, gross, refunded, net: gross - refunded });
    const parts = [
      { data: [line("INR", 2, 300, 100)], rows: 4, until: "t3", next_cursor: 1 },
      { data: [], rows: 0, until: null, next_cursor: 2 },
      { data: [line("EUR", 1, 50, 0), line("INR", 1, 100, 0)], rows: 2, until: "t1", next_cursor: null },
    ];
    const stopAfterTwo = async (cursor = 0) => {
      if (cursor > 1) throw { status: 400 };
      return parts[cursor];
    };
    let sums = NOTHING;
    const options = { report: (now) => (sums = now), ...waiting };
    await addAll(sums, { load: stopAfterTwo, ...options }).catch(() => {});
    const stopped = sums;
    await addAll(sums, { load: serve(parts), ...options });
    shown([stopped, sums]);
    """)
    stopped, all_ = done["result"]
    assert stopped == {
        "data": [{"currency": "INR", "payments": 2, "gross": 300, "refunded": 100, "net": 200}],
        "rows": 4,
        "until": "t3",
        "cursor": 2,
        "isDone": False,
    }
    assert all_ == {
        "data": [
            {"currency": "EUR", "payments": 1, "gross": 50, "refunded": 0, "net": 50},
            {"currency": "INR", "payments": 3, "gross": 400, "refunded": 100, "net": 300},
        ],
        "rows": 6,
        "until": "t1",
        "isDone": True,
    }
    assert done["log"] == ["part 2"], "only the rest is requested"
