"""Stripe's notifications, with the signatures of Stripe's official client."""

import hashlib
import hmac
import json
from typing import Any

import pytest
import stripe

from chalicelib.acquirers.base import InvalidNotificationError, Notification
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.stripe.adapter import StripeAcquirer
from tests.acquirers.conftest import FakeClock, credentials_of
from tests.acquirers.stripe_double import StripeDouble

SECRET, PREVIOUS = "whsec_current", "whsec_previous"
KNOWN = {"secret_key": "sk_test_1", "webhook_secret": SECRET}


def body_of(kind: str = "payment_intent", **metadata: str) -> bytes:
    subject = {"id": "x_1", "object": kind, "metadata": metadata}
    event = {"id": "evt_1", "object": "event", "type": f"{kind}.changed", "data": {"object": subject}}
    return json.dumps(event).encode()


def header_of(body: bytes, clock: FakeClock, secret: str = SECRET, *, late_s: int = 0) -> str:
    """The header that the official client generates."""
    at = int(clock().timestamp()) - late_s
    header: str = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)
    return header


def parsed(clock: FakeClock, body: bytes, header: str, known: dict[str, str] | None = None) -> Notification:
    acquirer = StripeAcquirer(
        transport=StripeDouble(clock=clock), credentials=credentials_of(known or KNOWN, clock), clock=clock
    )
    return acquirer.parse_notification({"stripe-signature": header}, body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (body_of("payment_intent", payment_id="pay_1"), Notification(payment_ids=("pay_1",))),
        (body_of("checkout.session", payment_id="pay_1"), Notification(payment_ids=("pay_1",))),
        (body_of("charge", payment_id="pay_1"), Notification(payment_ids=("pay_1",))),
        (body_of("refund", refund_id="rfnd_1"), Notification(refund_ids=("rfnd_1",))),
        (body_of("payment_intent", order="1"), Notification()),
        (body_of("customer", payment_id="pay_1", refund_id="rfnd_1"), Notification()),
        (b'{"object": "event", "data": {"object": {"object": "balance"}}}', Notification()),
        (b'{"object": "v2.core.event", "related_object": {}}', Notification()),
    ],
)
def test_the_ids_are_those_in_the_metadata(clock, body, expected):
    assert parsed(clock, body, header_of(body, clock)) == expected


def test_the_official_client_accepts_the_signature_that_we_compute(clock):
    body, at = body_of(payment_id="pay_1"), int(clock().timestamp())
    ours = hmac.new(SECRET.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    header = f"t={at},v0=00,v1={'0' * 64},v1={ours}"
    event = stripe.Webhook.construct_event(body, header, SECRET, tolerance=10**9)
    assert event.id == "evt_1"
    assert parsed(clock, body, header).payment_ids == ("pay_1",)


@pytest.mark.parametrize(("late_s", "is_valid"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_the_time_of_the_signature_has_a_tolerance(clock, late_s, is_valid):
    body = body_of(payment_id="pay_1")
    header = header_of(body, clock, late_s=late_s)
    if is_valid:
        assert parsed(clock, body, header).payment_ids == ("pay_1",)
    else:
        with pytest.raises(InvalidNotificationError):
            parsed(clock, body, header)


def test_the_replaced_secret_is_valid_until_its_end(clock):
    end = clock().replace(hour=18)
    replaced = {
        "previous_webhook_secret": PREVIOUS,
        "previous_webhook_secret_until": end.isoformat(),
    }
    body = body_of(payment_id="pay_1")
    assert parsed(clock, body, header_of(body, clock, PREVIOUS), KNOWN | replaced).payment_ids == ("pay_1",)
    assert parsed(clock, body, header_of(body, clock), KNOWN | replaced).payment_ids == ("pay_1",)
    clock.advance(hours=6)
    with pytest.raises(InvalidNotificationError):
        parsed(clock, body, header_of(body, clock, PREVIOUS), KNOWN | replaced)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: "",
        lambda header: header.partition(",")[0],
        lambda header: header.partition(",")[2],
        lambda header: header.replace("v1=", "v0="),
        lambda header: header[:-1] + ("0" if header[-1] != "0" else "1"),
        lambda header: header + ",t=1",
        lambda header: header.replace("t=", "t=-"),
        lambda header: header.replace("t=", "t=\N{ARABIC-INDIC DIGIT ONE}"),
        lambda header: "t=" + "9" * 4000 + ",v1=" + "\N{SNOWMAN}",
        lambda header: "," * 100_000,
    ],
)
def test_a_changed_header_is_refused(clock, change):
    body = body_of(payment_id="pay_1")
    with pytest.raises(InvalidNotificationError):
        parsed(clock, body, change(header_of(body, clock)))


def test_a_changed_body_is_refused(clock):
    body = body_of(payment_id="pay_1")
    with pytest.raises(InvalidNotificationError):
        parsed(clock, body + b" ", header_of(body, clock))


def test_the_signature_of_another_secret_is_refused(clock):
    body = body_of(payment_id="pay_1")
    with pytest.raises(InvalidNotificationError):
        parsed(clock, body, header_of(body, clock, "whsec_other"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"data": 1}', b"\xff"])
def test_a_signed_body_that_is_not_an_event_is_refused_without_its_text(clock, body: Any):
    at = int(clock().timestamp())
    signature = hmac.new(SECRET.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    with pytest.raises(InvalidNotificationError) as caught:
        parsed(clock, body, f"t={at},v1={signature}")
    assert str(caught.value) == ""
    assert caught.value.__cause__ is None


def test_without_a_secret_nothing_is_accepted(clock):
    body = body_of(payment_id="pay_1")
    with pytest.raises(InvalidNotificationError):
        parsed(clock, body, header_of(body, clock, ""), {"secret_key": "sk_test_1"})


def test_without_credentials_there_is_an_error(clock):
    acquirer = StripeAcquirer(
        transport=StripeDouble(clock=clock), credentials=credentials_of(None, clock), clock=clock
    )
    with pytest.raises(CredentialsError):
        acquirer.parse_notification({}, b"")
