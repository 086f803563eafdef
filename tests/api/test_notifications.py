"""The route of the acquirers' notifications: what it accepts, and what its responses reveal."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from chalice.test import HTTPResponse

from chalicelib.acquirers.registry import Registration
from chalicelib.acquirers.simulated import NOTIFICATION_SECRET as SECRET_NAME
from chalicelib.acquirers.simulated.adapter import SimulatedAcquirer
from chalicelib.domain.clock import utc_now
from chalicelib.domain.signature import hex_signature
from chalicelib.services.notifications import MAX_BODY_BYTES
from chalicelib.settings import AcquirerSettings
from tests.api.client import Api, Json, shown
from tests.cloud import Cloud

SECRET = "the secret of one merchant"


def simulated(*, test_mode: bool) -> Registration:
    settings = AcquirerSettings(
        test_mode=test_mode, test_payment_success=True, upi_success_rate=1, card_success_rate=1
    )
    return Registration(
        build=lambda credentials: SimulatedAcquirer(settings, utc_now, credentials=credentials)
    )


@pytest.fixture(autouse=True)
def _simulated(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real simulated acquirer, in test mode and in a production stage."""
    registered: Any = cloud.gateway.acquirers.registered
    monkeypatch.setitem(registered, "recording", simulated(test_mode=True))
    monkeypatch.setitem(registered, "production", simulated(test_mode=False))


@pytest.fixture
def owner(cloud: Cloud, merchant: Api) -> Api:
    """A merchant with a secret at each acquirer."""
    for name in ("recording", "production"):
        cloud.gateway.acquirers.credentials.put(merchant.merchant_id, name, {SECRET_NAME: SECRET})
    return merchant


def body_of(*payment_ids: str) -> bytes:
    return json.dumps({"payment_ids": payment_ids}).encode()


def send(
    api: Api, body: bytes, *, secret: str = SECRET, name: str = "recording", merchant_id: str | None = None
) -> HTTPResponse:
    path = f"/acquirers/{name}/notifications/{merchant_id or api.merchant_id}"
    signature = {"X-Simulated-Signature": hex_signature(secret, body), "Content-Type": "application/x-own"}
    return api.anonymous.request("POST", path, body, signature)


def queued(cloud: Cloud) -> list[str]:
    return cloud.messages(cloud.gateway.settings.queues.payments.jobs)


def refused(response: HTTPResponse) -> Json:
    """The response to an invalid notification, without its request id."""
    error = response.json_body["error"]
    assert response.status_code == 400
    assert error.pop("request_id")
    headers = dict(response.headers)
    return {"error": error, "headers": headers}


REFUSED = {"code": "BAD_REQUEST_ERROR", "description": "The notification is not valid"}


def test_a_signed_notification_of_any_content_type_schedules_a_check(cloud: Cloud, owner: Api):
    payment, before = owner.payment(), len(queued(cloud))
    assert shown(send(owner, body_of(payment["id"]))) == {"status": "received"}
    assert len(queued(cloud)) == before + 1


def test_the_response_does_not_depend_on_the_payments(cloud: Cloud, owner: Api, stranger: Api):
    own, theirs = owner.payment()["id"], stranger.payment()["id"]
    before = len(queued(cloud))
    answers = [send(owner, body_of(*ids)) for ids in ((theirs,), ("pay_0000000000000000",), (), ("",))]
    assert len(queued(cloud)) == before
    answers.append(send(owner, body_of(own)))
    assert {(one.status_code, one.body) for one in answers} == {(200, b'{"status":"received"}')}


def test_every_invalid_notification_has_the_same_response(cloud: Cloud, owner: Api, stranger: Api):
    payment, before = owner.payment(), queued(cloud)
    body = body_of(payment["id"])
    path = f"/acquirers/recording/notifications/{owner.merchant_id}"
    answers = {
        "forged": send(owner, body, secret="other"),
        "unsigned": owner.anonymous.request("POST", path, body),
        "signature not ASCII": owner.anonymous.request("POST", path, body, {"X-Simulated-Signature": "é"}),
        "another merchant's secret": send(stranger, body),
        "unknown merchant": send(owner, body, merchant_id=str(uuid4())),
        "not a merchant's id": send(owner, body, merchant_id="default"),
        "too long an id": send(owner, body, merchant_id="x" * 3_000),
        "unknown acquirer": send(owner, body, name="unknown"),
        "no credentials": send(owner, body, name="second"),
        "not JSON": send(owner, b"{"),
        "not UTF-8": send(owner, b"\xff\xfe"),
        "not an object": send(owner, b'["pay_1"]'),
        "not ids": send(owner, b'{"payment_ids": [1]}'),
        "too large": send(owner, b'{"payment_ids": []}'.ljust(MAX_BODY_BYTES + 1)),
        "1 MB": send(owner, b" " * 1_000_000),
        "too many ids": send(owner, body_of(*map(str, range(101)))),
        "production": send(owner, body, name="production"),
    }
    responses = {name: refused(answer) for name, answer in answers.items()}
    expected = responses["forged"]
    assert expected["error"] == REFUSED
    assert {name for name, response in responses.items() if response != expected} == set()
    assert queued(cloud) == before


def test_the_largest_notification_is_accepted(owner: Api):
    shown(send(owner, b'{"payment_ids": []}'.ljust(MAX_BODY_BYTES)))


def test_an_invalid_notification_reads_only_the_merchant(owner: Api, aws_requests: list[str]):
    """Known and unknown merchants cost the same. SSM is read once in five minutes."""
    send(owner, b"{}")
    aws_requests.clear()
    for merchant_id in (owner.merchant_id, str(uuid4())):
        send(owner, b"{}", secret="other", merchant_id=merchant_id)
    assert aws_requests == ["GetItem", "GetItem"]


def test_an_unknown_merchant_or_acquirer_never_reaches_ssm(owner: Api, aws_requests: list[str]):
    for _ in range(3):
        send(owner, b"{}", merchant_id=str(uuid4()))
        send(owner, b"{}", name=uuid4().hex)
    assert set(aws_requests) == {"GetItem"}


@pytest.mark.usefixtures("no_test_clocks")
def test_a_notification_sends_these_requests(cloud: Cloud, owner: Api, aws_requests: list[str]):
    payment = owner.payment()
    send(owner, b"{}")
    aws_requests.clear()
    send(owner, body_of(payment["id"]))
    assert aws_requests == ["GetItem", "GetItem", "SendMessageBatch"]


def test_a_notification_without_valid_credentials_of_a_session_or_key_is_accepted(owner: Api):
    """The route needs no credentials of the merchant, and ignores invalid ones."""
    path = f"/acquirers/recording/notifications/{owner.merchant_id}"
    headers = {"X-Simulated-Signature": hex_signature(SECRET, b"{}"), "Authorization": "Bearer wrong"}
    shown(owner.anonymous.request("POST", path, b"{}", headers))


def test_nothing_of_the_body_is_logged(owner: Api, log: io.StringIO):
    body = json.dumps({"payment_ids": ["pay_logged0000000000"], "note": "a private note"}).encode()
    shown(send(owner, body))
    refused(send(owner, body, secret="other"))
    gateway_lines = [line for line in log.getvalue().splitlines() if '"service":"payment-gateway"' in line]
    assert gateway_lines
    for line in gateway_lines:
        assert "private" not in line
        assert SECRET not in line
        assert hex_signature(SECRET, body) not in line
