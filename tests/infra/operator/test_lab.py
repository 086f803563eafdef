"""The command `lab`: real requests to receivers, the report and the exit status."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.domain.lab.check import CheckName, Scheme
from chalicelib.domain.lab.checks import check_named
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from infra.__main__ import main
from infra.local.receiver.verification import UnverifiedWebhookError, verify
from infra.operator.lab import command
from infra.operator.lab.report import JsonReport, TextReport
from tests.threaded_server import ThreadedServer

Capture = pytest.CaptureFixture[str]
SECRET = "whsec_test_abc123"
MAX_BODY_BYTES = 64 * 1024

Status = Callable[[bytes, dict[str, str]], int]
Serve = Callable[[Status], str]  # returns the URL


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A function that starts a receiver."""
    with ExitStack() as running:

        def start(status: Status) -> str:
            class Receiver(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    length = int(self.headers["Content-Length"])
                    body = self.rfile.read(min(length, 2 * MAX_BODY_BYTES))
                    self.send_response(413 if length > MAX_BODY_BYTES else status(body, dict(self.headers)))
                    self.send_header("Content-Length", "0")
                    self.end_headers()

                def log_message(self, *_: object) -> None:
                    pass

            server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
            return running.enter_context(ThreadedServer(server, "receiver")).url + "/webhook"

        yield start


def verified(body: bytes, headers: dict[str, str]) -> int:
    try:
        verify(SECRET, body, headers)
    except UnverifiedWebhookError:
        return 400
    return 204


def lab(url: str, *words: str) -> int:
    return main(["lab", url, "--secret", SECRET, *words])


def test_a_receiver_that_fails_a_check_ends_with_status_1(serve: Serve, capsys: Capture):
    assert lab(serve(lambda body, headers: 200), "--only", "unsigned", "--only", "valid") == 1
    output = capsys.readouterr().out.splitlines()
    assert output[2:5] == [
        "PASS  valid               200 for a valid webhook",
        "FAIL  unsigned            answered 200 to a webhook without a signature, expected 4xx",
        "                          Refuses a missing signature: see docs/webhooks.md#verify",
    ]
    assert output[-1] == "1 passed, 1 failed"
    assert "\x1b" not in "".join(output)


def test_a_receiver_that_passes_ends_with_status_0_and_gets_advice(serve: Serve, capsys: Capture):
    names = [name for name in CheckName if name is not CheckName.TWO_SECRETS]  # it verifies both signatures
    assert lab(serve(verified), *(word for name in names for word in ("--only", name))) == 0
    output = capsys.readouterr().out
    assert "Not visible from outside:\n      duplicate " in output
    assert output.endswith("\n16 passed\n")


def test_a_hint_says_that_a_receiver_must_accept_a_valid_webhook_first(serve: Serve, capsys: Capture):
    assert lab(serve(lambda body, headers: 404), "--only", "valid") == 1
    assert "Make `valid` pass first" in capsys.readouterr().out


def test_the_json_report_has_every_field(serve: Serve, capsys: Capture):
    assert lab(serve(lambda body, headers: 200), "--json", "--signature", "hex") == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert (document["passed"], captured.err) == (False, "")
    results = {one["check"]: one for one in document["checks"]}
    assert [*results] == [*CheckName]
    assert results["unsigned"] == {
        "check": "unsigned",
        "status": "fail",
        "purpose": "Refuses a missing signature",
        "reason": "answered 200 to a webhook without a signature, expected 4xx",
        "advice": None,
        "guide": "docs/webhooks.md#verify",
        "latency_ms": results["unsigned"]["latency_ms"],
    }
    assert results["old-timestamp"]["status"] == "skip"


def test_a_terminal_shows_the_running_check_in_colour(serve: Serve, capsys: Capture):
    endpoint = WebhookEndpoint(url=serve(verified), secret=SECRET)
    report = TextReport("http://localhost/", is_live=True, is_coloured=True)
    checks = [check_named(CheckName.VALID)]
    assert command._run(checks, endpoint, Scheme.STANDARD, report) == 0
    output = capsys.readouterr().out
    assert "\x1b[2m...   valid               running\x1b[0m\r\x1b[K\x1b[32mPASS  \x1b[0mvalid" in output
    command._run(checks, endpoint, Scheme.STANDARD, JsonReport("http://localhost/", is_live=True))
    captured = capsys.readouterr()
    assert "running valid" in captured.err
    assert json.loads(captured.out)["passed"]


def test_the_secret_can_come_from_the_environment(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    url = serve(verified)
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    assert main(["lab", url, "--only", "valid"]) == 0
    monkeypatch.delenv("WEBHOOK_SECRET")
    assert main(["lab", url]) == 2
    assert "--secret, or set WEBHOOK_SECRET" in capsys.readouterr().err


def test_a_receiver_that_does_not_run_ends_with_status_2(capsys: Capture):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert lab(f"http://127.0.0.1:{port}/webhook") == 2
    captured = capsys.readouterr()
    assert f"Could not connect to 127.0.0.1 on port {port}" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("url", ["localhost:5000/webhook", "ftp://localhost/", "http://me:pw@localhost/"])
def test_an_invalid_url_ends_with_status_2(url: str, capsys: Capture):
    assert lab(url) == 2
    assert capsys.readouterr().err.startswith("The URL must ")


def test_an_unknown_check_ends_with_status_2_and_the_names(capsys: Capture):
    with pytest.raises(SystemExit) as exit_:
        lab("http://localhost:1/", "--only", "speed")
    assert exit_.value.code == 2
    assert "'speed' is not a check. The checks are: valid, every-event" in capsys.readouterr().err


def test_the_help_lists_the_checks_and_the_exit_status(capsys: Capture):
    with pytest.raises(SystemExit):
        main(["lab", "--help"])
    output = capsys.readouterr().out
    assert "  two-secrets         Accepts two signatures, of which one is valid\n" in output
    assert "exit status: 0 no check failed, 1 a check failed, 2 no check was run" in output
