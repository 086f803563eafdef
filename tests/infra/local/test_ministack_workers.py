"""The processes of MiniStack's functions: the log of an invocation, and policies that are parsed once."""

import json
import queue
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime

from infra.local.ministack.workers import END, MAX_WAIT_S, log_of, mark_logs

HANDLER = "def handle(event, context):\n    print(event)\n    return event or missing\n"


def lines_of(*lines: str) -> "queue.Queue[str]":
    lines_ = queue.Queue[str]()
    for line in lines:
        lines_.put(line)
    return lines_


def test_the_log_ends_with_the_mark_without_waiting():
    lines = lines_of("first", "second", END, "of the next invocation")
    began = time.monotonic()
    assert log_of(lines) == "first\nsecond"
    assert time.monotonic() - began < MAX_WAIT_S
    assert lines.get_nowait() == "of the next invocation"


def test_the_log_of_a_process_that_ended_has_no_mark():
    assert log_of(lines_of("only")) == "only"


@pytest.mark.parametrize(("event", "status"), [("text", "ok"), ("", "error")])
def test_a_process_marks_the_end_of_each_invocation(tmp_path: Any, event: str, status: str):
    runtime = SimpleNamespace(
        _PYTHON_WORKER_SCRIPT=lambda_runtime._PYTHON_WORKER_SCRIPT, Worker=SimpleNamespace()
    )
    mark_logs(runtime)
    (tmp_path / "worker.py").write_text(runtime._PYTHON_WORKER_SCRIPT)
    (tmp_path / "module.py").write_text(HANDLER)
    start = {"code_dir": str(tmp_path), "module": "module", "handler": "handle"}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "worker.py")],
        input=f"{json.dumps(start)}\n{json.dumps({'event': event})}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines() == [event, END]
    assert json.loads(done.stdout.splitlines()[1])["status"] == status
