"""The receiver lab: which receivers pass which checks."""

import importlib.util
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from chalicelib.domain.event import PayloadFormat
from chalicelib.domain.lab.check import CheckName, CheckResult, Scheme, Status
from chalicelib.domain.lab.checks import CHECKS, CONCURRENT, check_named
from chalicelib.domain.lab.samples import LARGE_BODY_BYTES
from chalicelib.domain.signature import SECRET_PREFIX, standard_signature
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.webhooks.http import DEADLINE_S, DeliveryError, HttpResponse, RequestBody
from chalicelib.webhooks.receiver_lab import CHECK_BUDGET_S, ReceiverLab
from infra.project import ROOT

SECRET = SECRET_PREFIX + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://shop.example/webhook"
FORGED = {
    CheckName.TAMPERED_BODY,
    CheckName.TAMPERED_HEADER,
    CheckName.TAMPERED_SIGNATURE,
    CheckName.UNSIGNED,
    CheckName.WRONG_SECRET,
    CheckName.OLD_TIMESTAMP,
    CheckName.FUTURE_TIMESTAMP,
    CheckName.LARGE_BODY,
}
API_REQUEST_S = 29  # API Gateway's limit

Answer = Callable[[Mapping[str, str], bytes], int | DeliveryError]


@dataclass
class Receiver:
    """A receiver: ``answer`` returns the status, after ``takes_s`` on the clock of the lab."""

    answer: Answer
    takes_s: float = 0.0
    clock_s: float = 0.0
    received: list[bytes] = field(default_factory=list)

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> HttpResponse:
        assert url == URL
        self.received.append(bytes(body))
        self.clock_s += self.takes_s
        answered = self.answer(headers, bytes(body))
        if isinstance(answered, DeliveryError):
            raise answered
        return HttpResponse(code=answered, headers={}, body=b"", truncated=False)

    def check(self, name: CheckName, scheme: Scheme = Scheme.STANDARD, **endpoint: object) -> CheckResult:
        lab = ReceiverLab(
            sender=self, clock=lambda: datetime.now(UTC), random=Random(1), elapsed_s=lambda: self.clock_s
        )
        target = WebhookEndpoint(**{"url": URL, "secret": SECRET} | endpoint)  # type: ignore[arg-type]
        return lab.run(check_named(name), target, merchant_id="a merchant", scheme=scheme)

    def failed(self, scheme: Scheme = Scheme.STANDARD) -> set[CheckName]:
        """The checks that fail."""
        results = [self.check(name, scheme) for name in CheckName]
        return {result.check.name for result in results if result.status is Status.FAIL}


def _example() -> ModuleType:
    path = ROOT / "docs" / "examples" / "webhooks" / "verify.py"
    spec = importlib.util.spec_from_file_location("verify", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLE = _example()


def verifies(headers: Mapping[str, str], body: bytes, scheme: Scheme = Scheme.STANDARD) -> int:
    """Verify the signature with the code of the documentation."""
    verify = EXAMPLE.verify_standard_webhook if scheme is Scheme.STANDARD else EXAMPLE.verify_hex_signature
    try:
        verify(SECRET, headers, body)
    except EXAMPLE.UnverifiedWebhookError:
        return 400
    return 204


def timed_out() -> DeliveryError:
    error = DeliveryError("no complete response within 5 s")
    error.__cause__ = TimeoutError()
    return error


@pytest.mark.parametrize("payload", PayloadFormat)
def test_a_receiver_that_verifies_passes_every_check(payload: PayloadFormat):
    results = [Receiver(verifies).check(name, payload=payload) for name in CheckName]
    assert [result.reason for result in results if result.status is not Status.PASS] == []
    assert [check.name for check in CHECKS] == [*CheckName]


def test_a_receiver_that_accepts_everything_fails_the_checks_of_forged_requests():
    assert Receiver(lambda headers, body: 200).failed() == FORGED


def test_a_receiver_that_refuses_everything_passes_no_check():
    assert Receiver(lambda headers, body: 400).failed() == set(CheckName)


def test_a_receiver_without_a_tolerance_fails_the_checks_of_the_timestamp():
    def ignores_time(headers: Mapping[str, str], body: bytes) -> int:
        signed = standard_signature(
            SECRET,
            webhook_id=headers.get("webhook-id", ""),
            timestamp=int(headers.get("webhook-timestamp", 0)),
            body=body,
        )
        return 204 if signed in headers.get("webhook-signature", "").split(" ") else 400

    failed = Receiver(ignores_time).failed()
    assert failed == {CheckName.OLD_TIMESTAMP, CheckName.FUTURE_TIMESTAMP}


def test_a_receiver_of_the_hex_signature_passes_what_that_signature_protects():
    receiver = Receiver(lambda headers, body: verifies(headers, body, Scheme.HEX))
    assert receiver.failed(Scheme.HEX) == set()
    skipped = [name for name in CheckName if receiver.check(name, Scheme.HEX).status is Status.SKIP]
    assert skipped == [
        CheckName.TWO_SECRETS,
        CheckName.TAMPERED_HEADER,
        CheckName.OLD_TIMESTAMP,
        CheckName.FUTURE_TIMESTAMP,
    ]
    assert receiver.failed() == {*skipped}


def test_a_receiver_that_refuses_unknown_events_and_duplicates_fails_these_checks():
    seen = set[str]()

    def strict(headers: Mapping[str, str], body: bytes) -> int:
        code = verifies(headers, body)
        if code == 204 and (b"receiver_lab.unknown" in body or headers["webhook-id"] in seen):
            return 409
        seen.add(headers.get("webhook-id", ""))
        return code

    assert Receiver(strict).failed() >= {CheckName.UNKNOWN_EVENT, CheckName.DUPLICATE}
    seen.clear()  # ids repeat, because the randomness is seeded
    result = Receiver(strict).check(CheckName.DUPLICATE)
    assert result.reason == "answered 409 to its duplicate, expected 2xx"


def test_the_reason_of_a_failed_check_names_the_response_and_the_request():
    result = Receiver(lambda headers, body: 200).check(CheckName.TAMPERED_SIGNATURE)
    assert result.reason == "answered 200 to a webhook whose signature is wrong, expected 4xx"
    passed = Receiver(verifies).check(CheckName.UNSIGNED)
    assert passed.reason == "400 for a webhook without a signature, 204 for a valid webhook after it"


@pytest.mark.parametrize(
    ("code", "end"),
    [(429, "which only delays it; expected 400"), (500, "expected 4xx"), (302, "expected 4xx")],
)
def test_only_4xx_refuses_a_forged_webhook(code: int, end: str):
    result = Receiver(lambda headers, body: code).check(CheckName.UNSIGNED)
    assert (result.status, result.reason) == (
        Status.FAIL,
        f"answered {code} to a webhook without a signature, {end}",
    )


def test_a_check_ends_at_the_first_response_that_fails_it():
    receiver = Receiver(lambda headers, body: timed_out())
    result = receiver.check(CheckName.EVERY_EVENT)
    assert result.reason == "no response to a valid payment.created: no complete response within 5 s"
    assert (len(receiver.received), result.latency_ms) == (1, None)


def test_a_receiver_may_close_the_connection_of_a_large_body_but_must_stay_available():
    def closes(headers: Mapping[str, str], body: bytes) -> int | DeliveryError:
        return DeliveryError("could not connect") if len(body) > 65_536 else verifies(headers, body)

    result = Receiver(closes).check(CheckName.LARGE_BODY)
    assert result.reason.startswith("connection closed for a forged body of 1 MB, 204 for")

    def is_down(headers: Mapping[str, str], body: bytes) -> int | DeliveryError:
        return DeliveryError("could not connect")

    assert Receiver(is_down).check(CheckName.LARGE_BODY).status is Status.FAIL


def test_a_time_out_of_a_large_body_is_no_refusal():
    def hangs(headers: Mapping[str, str], body: bytes) -> int | DeliveryError:
        return timed_out() if len(body) > 65_536 else verifies(headers, body)

    assert Receiver(hangs).check(CheckName.LARGE_BODY).status is Status.FAIL


def test_the_large_body_has_the_documented_size():
    receiver = Receiver(verifies)
    receiver.check(CheckName.LARGE_BODY)
    assert len(receiver.received[0]) == LARGE_BODY_BYTES


def test_a_slow_receiver_gets_a_hint():
    receiver = Receiver(verifies, takes_s=1.4)
    result = receiver.check(CheckName.VALID)
    assert (result.status, result.latency_ms) == (Status.PASS, 1_400)
    assert result.reason.endswith("but took 1.4 s: respond before you process the webhook")


def test_a_check_of_a_slow_receiver_ends_before_the_api_request_does():
    receiver = Receiver(lambda headers, body: 200, takes_s=DEADLINE_S)
    result = receiver.check(CheckName.EVERY_EVENT)
    assert result.reason == f"answered only 4 of 13 webhooks in {CHECK_BUDGET_S:g} s"
    assert receiver.clock_s <= CHECK_BUDGET_S + DEADLINE_S < API_REQUEST_S - 5


def test_concurrent_webhooks_are_sent_at_the_same_time():
    open_requests = [0, 0]

    def counts(headers: Mapping[str, str], body: bytes) -> int:
        open_requests[0] += 1
        open_requests[1] = max(open_requests)
        time.sleep(0.05)
        open_requests[0] -= 1
        return 200

    receiver = Receiver(counts)
    assert receiver.check(CheckName.CONCURRENT).status is Status.PASS
    assert len(set(receiver.received)) == CONCURRENT
    assert open_requests[1] > 1


def test_every_check_links_to_a_heading_of_the_guide():
    guide = Path(ROOT / "docs" / "webhooks.md").read_text()
    anchors = set(re.findall(r'<a id="(\w+)">', guide))
    anchors |= {
        heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", guide, re.MULTILINE)
    }
    assert {check.section for check in CHECKS} <= anchors
