"""README, the webhook guide and the errors work as documented, and every block of a document is tested."""

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable

import pytest

from chalicelib.domain.signature import hex_signature
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports, is_taken
from infra.project import ROOT
from tests.e2e.api import Api, eventually
from tests.guides.blocks import blocks_of
from tests.guides.shape import require_same
from tests.guides.terminal import Terminal
from tests.guides.walk import Walk

pytestmark = pytest.mark.e2e

# The tests of each document. Commands for operators and contributors are not typed from the document.
FOLLOWED = {
    "README.md": "here",
    "docs/webhooks.md": "here",
    "docs/events.md": "here",
    "docs/errors.md": "here",
    "docs/test-clock.md": "here",
    "docs/finance.md": "here",
    "docs/QUICK_START.md": "tests/guides/test_quick_start.py",
    "docs/IMPLEMENTATION_GUIDE.md": "tests/browser/test_implementation_guide.py",
    "docs/testing-your-integration.md": "tests/guides/test_testing_guide.py",
    "docs/sdk.md": "tests/browser/test_guide.py",
    "docs/operations.md": "tests/infra/operator",
    "docs/data-protection.md": "tests/infra/operator/test_erasure.py",
    "docs/security.md": "tests/security",
    "docs/simulation.md": "tests/simulation",
    "docs/acquirers/stripe.md": "tests/infra/operator/test_stripe.py",
    "docs/testing.md": "tests/test_instruments.py",
}
DRAWN = frozenset({"", "mermaid"})  # diagrams of files and states

# Commands of README that other tests or checks run.
ELSEWHERE = {
    "make run": "docs/QUICK_START.md",
    "make demo": "docs/QUICK_START.md",
    ".venv/bin/python -m infra deploy --stage dev --yes dev": "docs/IMPLEMENTATION_GUIDE.md",
    "make test": ".ci/run",
    "make lint": ".ci/run",
    "make format": "make lint",
    "make sim": "tests/simulation",
    "make races": "tests/races/test_races.py",
    "make kills": "tests/kills",
    "make flaky": "tests/repeat.py",
}

VERIFYING = "WEBHOOK_SECRET=whsec_test_abc123 python3 verify.py 4001"


@pytest.fixture
def fill(gateway: LocalGateway, merchant: Api) -> Callable[[str], str]:
    """Replace the address and the credentials of the document with those of this stack."""
    ours = {
        "localhost:8000": gateway.api_url.removeprefix("http://"),
        "key_test_abc123": merchant.credentials["X-Api-Key"],
        "secret_test_xyz789": merchant.credentials["X-Api-Secret"],
    }

    def filled(text: str) -> str:
        for documented, own in ours.items():
            text = text.replace(documented, own)
        return text

    return filled


def test_the_readme_creates_a_payment(tmp_path, fill, merchant):
    with Terminal(tmp_path) as terminal:
        Walk(terminal, fill=fill, elsewhere=ELSEWHERE).through("README.md")
    (payment,) = merchant.get("/payments").json()["data"]
    assert payment["vpa"] == "buyer@bank"
    assert merchant.get("/webhooks/config").json()["webhook_url"] == "http://localhost:4000/webhook"


def test_the_webhook_guide_shows_the_real_webhooks(tmp_path, fill, merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment(vpa="asha@okbank")
        (delivery, *_) = receiver.wait_for("payment.success", payment_id=payment["id"])
    checks = {
        "payment.success": lambda shown: require_same(shown, delivery.body.decode(), "json"),
        "http": _require_signed,
    }
    port = Ports.free().receiver
    shutil.copy(ROOT / "docs" / "examples" / "webhooks" / "verify.py", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    with Terminal(tmp_path, {**os.environ, "PYTHONPATH": str(ROOT)}) as terminal:
        Walk(
            terminal,
            fill=lambda text: fill(text).replace("4001", str(port)),
            checks=checks,
            servers={VERIFYING: lambda _: eventually(lambda: is_taken(port))},
        ).through("docs/webhooks.md")
    assert merchant.get("/webhooks/config").json()["webhook_url"] == "https://shop.example/webhook"


def test_the_event_feed_guide_shows_the_real_events(tmp_path, fill, merchant):
    merchant.payment(vpa="asha@okbank")
    merchant.events(count=3)
    with Terminal(tmp_path) as terminal:
        Walk(terminal, fill=fill).through("docs/events.md")


def test_the_clock_moves_as_documented(tmp_path, fill, merchant):
    with Terminal(tmp_path) as terminal:
        Walk(terminal, fill=fill).through("docs/test-clock.md")
    assert merchant.get("/test/clock").json()["ahead_s"] >= 9_360 - 5


def test_the_finance_guide_adds_and_exports_the_payments(tmp_path, fill, merchant):
    payment = merchant.paid(vpa="asha@okbank")
    merchant.refund(payment["id"], 10_000)
    with Terminal(tmp_path) as terminal:
        Walk(terminal, fill=fill).through("docs/finance.md")
    (line,) = csv.DictReader((tmp_path / "payments.csv").read_text().splitlines())
    assert (line["payment_id"], line["net"]) == (payment["id"], "400.00")
    assert line["created_at"].endswith("+05:30")


def test_the_documented_error_is_the_real_one(tmp_path, merchant):
    refused = merchant.post("/orders", {"amount": 99})
    checks = {"json": lambda shown: require_same(shown, refused.text, "json")}
    with Terminal(tmp_path) as terminal:
        Walk(terminal, checks=checks).through("docs/errors.md")


def _require_signed(request: str) -> None:
    head, _, body = request.strip().partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    assert headers["X-Webhook-Signature"] == hex_signature("whsec_test_abc123", body.encode())
    assert json.dumps(json.loads(body), separators=(",", ":")) == body


def test_every_document_with_commands_is_tested():
    documents = [str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]]
    left_alone = [
        block.place
        for document in documents
        if document not in FOLLOWED
        for block in blocks_of(document)
        if block.language not in DRAWN
    ]
    assert left_alone == []
