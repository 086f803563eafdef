"""Captures the log of the product during each test, and fails a test whose log contains a secret.

The secrets are read from the requests and responses of the tests. The plugin runs in every worker of a
parallel run.
"""

import json
import logging
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import chalice.test
import pytest
import requests

from chalicelib.observability import logger
from tests.secrecy.search import Secrets, cards_in, secrets_in

PRODUCT = "payment-gateway"
OUTPUTS = ("Captured stdout", "Captured stderr")  # operators' commands print secrets, but never a card


@dataclass
class Overheard:
    """The secrets of the current test, and those of all HTTP requests of the run."""

    test: Secrets = field(default_factory=Secrets)
    run: Secrets = field(default_factory=Secrets)


class LogCapture(logging.Handler):
    """Captures the lines that the product would write: its own, and its libraries' warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Capture the formatted line."""
        if record.name == PRODUCT or record.levelno >= logging.WARNING:
            formatter = logger.registered_handler.formatter or logging.Formatter()
            self.lines.append(formatter.format(record))


log_capture = LogCapture()
overheard = Overheard()


def pytest_configure(config: pytest.Config) -> None:
    """Capture the log and the tests' requests."""
    logging.getLogger().addHandler(log_capture)
    patch = pytest.MonkeyPatch()
    _capture_http(patch)
    _capture_calls(patch)
    config.add_cleanup(patch.undo)
    config.add_cleanup(lambda: logging.getLogger().removeHandler(log_capture))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Reset the captured lines and secrets."""
    log_capture.lines.clear()
    overheard.test = Secrets()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that leaks, whatever its result is."""
    report = yield
    if report.when == "teardown" and report.passed and (leaks := _leaks(report)):
        report.outcome = "failed"
        report.longrepr = "\n".join(["the log contains secrets:", *leaks])
    return report


def _leaks(report: pytest.TestReport) -> list[str]:
    logged = "\n".join(log_capture.lines)
    printed = "\n".join(text for name, text in report.sections if name.startswith(OUTPUTS))
    found = {*cards_in(logged), *secrets_in(logged, overheard.test), *cards_in(printed)}
    return sorted(found)


def _capture_http(patch: pytest.MonkeyPatch) -> None:
    send = requests.Session.send

    def send_and_learn(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        response = send(session, request, **options)
        if not options.get("stream"):
            for secrets in (overheard.test, overheard.run):
                _learn(secrets, request.headers, request.body, response.content)
        return response

    patch.setattr(requests.Session, "send", send_and_learn)


def _capture_calls(patch: pytest.MonkeyPatch) -> None:
    client = chalice.test.TestHTTPClient
    request = client.request

    def request_and_learn(
        self: Any, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Any:
        response = request(self, method, path, headers, body)
        _learn(overheard.test, headers or {}, body, response.body)
        return response

    patch.setattr(client, "request", request_and_learn)


def _learn(secrets: Secrets, headers: Mapping[str, str], asked: object, answered: bytes) -> None:
    """Add the secrets of a request and its response."""
    named = {name.lower(): value for name, value in headers.items()}
    body, answer = _object(asked), _object(answered)
    card = body.get("card")
    secrets.add_number(card.get("number") if isinstance(card, dict) else None)
    secrets.add(named.get("x-api-secret"))
    secrets.add(str(named.get("authorization", "")).partition(" ")[2])
    for name in ("password", "current_password", "new_password"):
        secrets.add(body.get(name))
    for name in ("token", "webhook_secret", "secret"):
        secrets.add(answer.get(name))


def _object(body: object) -> dict[str, Any]:
    """The JSON object in ``body``, or an empty one."""
    if not isinstance(body, str | bytes):
        return {}
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
