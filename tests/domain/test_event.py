"""Events: the events of a change, and the exact bytes of an event."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.decline import Decline
from chalicelib.domain.event import NEW_PAYMENT_SEQUENCE, Event, EventName, PaymentEvent, events_between
from chalicelib.domain.money import MAX_AMOUNT, Money
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import PAYMENT_TRANSITIONS, Payment, PaymentStatus, VoidReason
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.sample_event import sample_event
from chalicelib.domain.times import iso
from tests.domain.examples import CARD, NOW, event, events, payment, refund, webhook_endpoint

NODE = shutil.which("node")
ECHO_AS_RECEIVERS_DO = """
const bodies = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(bodies.map((body) => JSON.stringify(JSON.parse(body)))));
"""
AWKWARD_TEXTS = [
    'quotes " and \\ backslashes \\" \\\\ /slashes/ </script>',
    "control \x00\x01\x07\b\t\n\x0b\f\r\x1b\x1f\x7f\x80\x9f",
    "line ends \u2028\u2029 and \ufeff\ufffe\uffff",
    "हिन्दी ₹ ñ é e\u0301 🎉 \U0010ffff",
    "1", "0", "__proto__", "", " ",
]  # fmt: skip
OF_STATUS = {
    PaymentStatus.SUCCESS: EventName.PAYMENT_SUCCESS,
    PaymentStatus.FAILED: EventName.PAYMENT_FAILED,
}
OF_REFUND_STATUS = {
    RefundStatus.PENDING: EventName.REFUND_CREATED,
    RefundStatus.PROCESSED: EventName.REFUND_PROCESSED,
    RefundStatus.FAILED: EventName.REFUND_FAILED,
}
paid = partial(payment, status=PaymentStatus.SUCCESS)


def names_and_numbers(before: Payment | None, after: Payment) -> list[tuple[EventName, int]]:
    """The names and numbers of the events of a change."""
    return [(one.name, one.sequence) for one in events_between(before, after)]


def test_a_new_payment_has_the_events_created_and_pending():
    new = payment(sequence=NEW_PAYMENT_SEQUENCE)
    assert names_and_numbers(None, new) == [
        (EventName.PAYMENT_CREATED, 1),
        (EventName.PAYMENT_PENDING, NEW_PAYMENT_SEQUENCE),
    ]


@pytest.mark.parametrize("after", sorted(PAYMENT_TRANSITIONS[PaymentStatus.PENDING]))
def test_an_outcome_has_an_event_with_the_sequence_of_the_row(after: PaymentStatus):
    settled = payment(status=after, sequence=3)
    assert names_and_numbers(payment(), settled) == [(OF_STATUS[after], 3)]
    assert names_and_numbers(settled, settled) == []


def test_a_capture_has_an_event():
    captured = paid(captured_at=NOW, sequence=4)
    assert names_and_numbers(paid(sequence=3), captured) == [(EventName.PAYMENT_CAPTURED, 4)]
    assert names_and_numbers(captured, captured) == []


@pytest.mark.parametrize("reason", VoidReason)
def test_a_void_has_an_event_with_its_reason(reason: VoidReason):
    captured_at = NOW if reason is VoidReason.CAPTURE_REFUSED else None
    before = paid(captured_at=captured_at, capture_before=NOW, sequence=3)
    voided = replace(before, captured_at=None, voided_at=NOW, void_reason=reason, sequence=4)
    assert names_and_numbers(before, voided) == [(EventName.PAYMENT_VOIDED, 4)]
    assert names_and_numbers(voided, replace(voided, confirmed_at=NOW)) == []
    (event,) = events_between(before, voided)
    data = event.data()["payment"]
    assert (data["captured"], data["void_reason"]) == (False, reason)
    assert (data["capture_before"], data["voided_at"]) == (iso(NOW), iso(NOW))


def test_an_action_of_the_buyer_has_an_event():
    action = NextAction(type=ActionType.REDIRECT, url="https://bank.example/confirm", expires_at=NOW)
    waiting = payment(next_action=action, sequence=3)
    assert names_and_numbers(payment(), waiting) == [(EventName.PAYMENT_REQUIRES_ACTION, 3)]
    assert names_and_numbers(waiting, waiting) == []
    (event,) = events_between(payment(), waiting)
    assert event.data()["payment"]["next_action"] == {
        "type": "redirect",
        "url": "https://bank.example/confirm",
        "embeddable": False,
        "expires_at": iso(NOW),
    }
    failed = replace(waiting, status=PaymentStatus.FAILED, sequence=4)
    (event,) = events_between(waiting, failed)
    assert "next_action" not in event.data()["payment"]


def test_a_late_authorization_has_an_event():
    failed = payment(status=PaymentStatus.FAILED, sequence=3)
    late = replace(failed, late_authorized_at=NOW, sequence=4)
    assert names_and_numbers(failed, late) == [(EventName.PAYMENT_LATE_AUTHORIZED, 4)]
    assert names_and_numbers(late, late) == []


@pytest.mark.parametrize("status", RefundStatus)
def test_a_refund_in_the_payments_row_has_an_event(status: RefundStatus):
    """The row contains its latest refund; the previous value may be another refund or an earlier state."""
    one = refund(status=status)
    after = paid(latest_refund=one, sequence=5)
    for before in (None, refund(id="rfnd_before"), refund(status=status, amount=1)):
        [event] = events_between(paid(latest_refund=before, sequence=4), after)
        assert (event.name, event.sequence, event.refund) == (OF_REFUND_STATUS[status], 5, one)
    assert names_and_numbers(after, after) == []


def test_a_capture_after_a_refund_has_only_the_capture_event():
    before = paid(latest_refund=refund(), sequence=4)
    assert names_and_numbers(before, replace(before, captured_at=NOW, sequence=5)) == [
        (EventName.PAYMENT_CAPTURED, 5)
    ]


def test_every_event_of_a_payment_except_the_test_event_results_from_some_change():
    of_a_status = {*OF_STATUS.values(), *OF_REFUND_STATUS.values()}
    others = {
        EventName.PAYMENT_CREATED,
        EventName.PAYMENT_PENDING,
        EventName.PAYMENT_CAPTURED,
        EventName.PAYMENT_VOIDED,
        EventName.PAYMENT_REQUIRES_ACTION,
        EventName.PAYMENT_LATE_AUTHORIZED,
    }
    no_payment = {EventName.WEBHOOK_TEST, EventName.WEBHOOK_ENDPOINT_DISABLED}
    assert of_a_status | others == set(EventName) - no_payment


def test_a_change_without_relevance_for_the_merchant_has_no_event():
    assert events_between(payment(), payment(updated_at=NOW + timedelta(seconds=1))) == []


def test_an_event_has_the_time_of_the_write():
    later = NOW + timedelta(seconds=7)
    [settled] = events_between(payment(), payment(status=PaymentStatus.SUCCESS, updated_at=later))
    assert settled.at == later


def test_an_event_always_has_the_same_id():
    after = payment(status=PaymentStatus.SUCCESS)
    [once], [again] = events_between(payment(), after), events_between(payment(), after)
    assert once.id == again.id
    late = replace(once, payment=replace(after, updated_at=NOW + timedelta(days=1)), sequence=9)
    assert late.id == once.id


def test_events_of_one_payment_and_of_different_payments_have_different_ids():
    ids = {event(name, id=f"pay_{number}").id for name, number in product(EventName, range(10))}
    assert len(ids) == len(EventName) * 10


def test_events_of_two_refunds_of_one_payment_have_different_ids():
    ids = {
        one.id
        for id_ in ("rfnd_1", "rfnd_2")
        for one in events_between(paid(), paid(latest_refund=refund(id=id_)))
    }
    assert len(ids) == 2


def test_the_exact_body_of_a_upi_payment():
    assert event(EventName.PAYMENT_CREATED).body() == (
        '{"event":"payment.created","timestamp":1773500966,"data":{"payment":{'
        '"id":"pay_A1b2C3d4E5f6G7h8","order_id":"order_A1b2C3d4E5f6G7h8","amount":50000,"currency":"INR",'
        '"method":"upi","vpa":"buyer@bank","status":"pending","captured":false,"amount_refunded":0,'
        '"created_at":"2026-03-14T15:09:26.535Z"}},"sequence":2}'
    )


@pytest.mark.parametrize(
    ("status", "processed_at", "ending"),
    [
        (RefundStatus.PENDING, None, '"processed_at":null}'),
        (
            RefundStatus.PROCESSED,
            NOW + timedelta(seconds=4),
            '"processed_at":"2026-03-14T15:09:30.535Z"}',
        ),
    ],
)
def test_the_exact_body_of_a_refund_contains_the_payment(
    status: RefundStatus, processed_at: datetime | None, ending: str
):
    one = refund(status=status, processed_at=processed_at)
    [fact] = events_between(paid(), paid(amount_refundable=40_000, sequence=4, latest_refund=one))
    assert fact.body() == (
        f'{{"event":"{OF_REFUND_STATUS[status]}","timestamp":1773500966,"data":{{"payment":{{'
        '"id":"pay_A1b2C3d4E5f6G7h8","order_id":"order_A1b2C3d4E5f6G7h8","amount":50000,"currency":"INR",'
        '"method":"upi","vpa":"buyer@bank","status":"success","captured":false,"amount_refunded":10000,'
        '"created_at":"2026-03-14T15:09:26.535Z"},"refund":{"id":"rfnd_A1b2C3d4E5f6G7h8",'
        f'"payment_id":"pay_A1b2C3d4E5f6G7h8","amount":10000,"reason":"too late","status":"{status}",'
        f'"created_at":"2026-03-14T15:09:26.535Z",{ending}}},"sequence":4}}'
    )


def test_a_test_event_contains_a_payment_and_has_a_unique_id():
    test, endpoint = EventName.WEBHOOK_TEST, webhook_endpoint()
    first, second = (sample_event(test, "m", endpoint, now=NOW, random=Random(seed)) for seed in (1, 2))
    assert first.id != second.id
    assert isinstance(first, PaymentEvent)
    assert (first.name, first.at, first.refund) == (test, NOW, None)
    assert (first.payment.merchant_id, first.payment.status) == ("m", PaymentStatus.SUCCESS)
    assert set(json.loads(first.body())["data"]["payment"]) == set(
        json.loads(event().body())["data"]["payment"]
    )


def test_the_exact_body_of_a_declined_card_payment():
    failed = payment(
        instrument=CARD,
        status=PaymentStatus.FAILED,
        money=Money(MAX_AMOUNT, "INR"),
        decline=Decline(description="Überzogen ₹"),
        sequence=3,
    )
    [declined] = events_between(payment(), failed)
    assert declined.body() == (
        '{"event":"payment.failed","timestamp":1773500966,"data":{"payment":{'
        '"id":"pay_A1b2C3d4E5f6G7h8","order_id":"order_A1b2C3d4E5f6G7h8","amount":9007199254740991,'
        '"currency":"INR","method":"card","card_network":"visa","card_last4":"1111","status":"failed",'
        '"captured":false,"amount_refunded":0,"error_code":"PAYMENT_FAILED",'
        '"error_description":"Überzogen ₹","created_at":"2026-03-14T15:09:26.535Z"}},"sequence":3}'
    )


@given(one=events)
def test_every_event_contains_the_payment_and_no_private_data(one: PaymentEvent):
    body = json.loads(one.body())
    assert list(body) == ["event", "timestamp", "data", "sequence"]
    assert (body["event"], body["timestamp"]) == (one.name.value, int(one.at.timestamp()))
    assert list(body["data"]) == (["payment", "refund"] if one.refund else ["payment"])
    for shown in body["data"].values():
        assert not {"token", "merchant_id", "process_at", "notes", "latest_refund"} & set(shown)


@given(one=events)
def test_a_body_is_unchanged_after_parsing_and_serialising(one: Event):
    body = one.body()
    again = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == body.encode()


@given(one=events)
def test_a_body_contains_no_number_or_key_that_javascript_would_change(one: Event):
    def record_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert not any(key.isdecimal() for key, _ in pairs)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def integer(text: str) -> int:
        assert abs(int(text)) <= 2**53 - 1
        return int(text)

    def reject_fraction(text: str) -> float:
        raise AssertionError(f"{text} is not an integer")

    json.loads(
        one.body(),
        object_pairs_hook=record_keys,
        parse_int=integer,
        parse_float=reject_fraction,
        parse_constant=reject_fraction,
    )


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(events, max_size=25))
def test_javascript_serialises_a_body_identically(drawn: list[Event]):
    awkward = [event(decline=Decline(description=text), order_id=text) for text in AWKWARD_TEXTS]
    bodies = [one.body() for one in (*drawn, *awkward)]
    echoed = subprocess.run(
        [str(NODE), "-e", ECHO_AS_RECEIVERS_DO],
        input=json.dumps(bodies).encode(),
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert json.loads(echoed.stdout) == bodies
