"""A run rejects invalid settings before it starts anything; the message contains the setting."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.__main__ import main
from infra.local import run as program
from infra.local.ports import HOST
from infra.project import ROOT
from tests.infra.local.program import command

TIMEOUT_S = 60  # of a busy machine; it takes half a second of processor time

REFUSED = {
    "UPI_SUCCESS_RATE=90": "UPI_SUCCESS_RATE must be a number from 0 to 1, not '90'.",
    "CARD_SUCCESS_RATE=most": "CARD_SUCCESS_RATE must be a number from 0 to 1, not 'most'.",
    "TEST_MODE=maybe": "TEST_MODE must be true or false, not 'maybe'.",
    "WEBHOOK_RETRY_INTERVALS_TEST=2": "WEBHOOK_RETRY_INTERVALS_TEST must be true or false",
    "PROCESSING_DELAY_MIN=5s": "PROCESSING_DELAY_MIN must be an integer of milliseconds",
    "PROCESSING_DELAY_MIN=20000": "PROCESSING_DELAY_MIN must not be greater than PROCESSING_DELAY_MAX",
    "RATE_LIMIT_PER_S=0": "RATE_LIMIT_PER_S must be",
    "LIST_SHARDS=-1": "LIST_SHARDS must be",
    "LOG_LEVEL=verbose": "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'verbose'.",
    "WORKER_CONCURRENCY=1": "WORKER_CONCURRENCY must be an integer from 2 to 1000, not '1'.",
    "API_PORT=99999": "API_PORT must be a port from 1 to 65535, not '99999'.",
    "API_PORT=abc": "API_PORT must be a port from 1 to 65535, not 'abc'.",
    "AWS_PORT=0": "AWS_PORT must be a port from 1 to 65535, not '0'.",
    "RECEIVER_PORT=-1": "RECEIVER_PORT must be a port from 1 to 65535, not '-1'.",
    "CHECKOUT_PORT=8000.0": "CHECKOUT_PORT must be a port from 1 to 65535, not '8000.0'.",
    "DASHBOARD_PORT=8000": "API_PORT and DASHBOARD_PORT are both 8000.",
    "AWS_PORT=4000": "RECEIVER_PORT and AWS_PORT are both 4000.",
}


def run(state_dir: Path, setting: str) -> "subprocess.CompletedProcess[str]":
    name, value = setting.split("=")
    return subprocess.run(
        command(state_dir),
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


@pytest.fixture
def run_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[str], tuple[int, str, str]]]:
    """`make run` in this process: its exit status, its output and its errors."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(program, "LOCAL_DIR", tmp_path / "data")
    monkeypatch.setattr(program, "isolate", lambda environment: None)  # from AWS; it would outlive the test

    def run_with(setting: str) -> tuple[int, str, str]:
        name, value = setting.split("=")
        monkeypatch.setenv(name, value)
        return main(["run"]), *capsys.readouterr()

    yield run_with
    for each, handler in handlers.items():
        signal.signal(each, handler)


@pytest.mark.parametrize(("setting", "message"), REFUSED.items(), ids=REFUSED)
def test_the_error_contains_the_setting(setting, message, run_here, tmp_path):
    status, output, errors = run_here(setting)
    assert errors.strip().startswith(message)
    assert (status, output) == (1, ""), "no stage was started"
    assert not (tmp_path / "data").exists()


def test_the_program_prints_the_error_too(tmp_path):
    refused = run(tmp_path / "data", "AWS_PORT=4000")
    assert refused.stderr.strip().startswith(REFUSED["AWS_PORT=4000"])
    assert (refused.returncode, refused.stdout) == (1, ""), "no stage was started"
    assert not (tmp_path / "data").exists()


@pytest.fixture
def occupied() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    "variable", ["API_PORT", "DASHBOARD_PORT", "CHECKOUT_PORT", "RECEIVER_PORT", "AWS_PORT"]
)
def test_the_error_for_a_used_port_contains_its_variable(variable, occupied, run_here):
    status, output, errors = run_here(f"{variable}={occupied}")
    message = (
        f"Port {occupied} is in use. Stop the process that listens on it. "
        f"Choose another port, for example {variable}="
    )
    assert re.search(re.escape(message) + r"\d+ make run", errors)
    assert (status, output) == (1, "")
