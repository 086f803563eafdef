"""Events: which facts a change announces, and the exact bytes that announce one."""

import json
import shutil
import subprocess
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.event import Event, EventName, events_between
from chalicelib.domain.money import MAX_AMOUNT, Money
from chalicelib.domain.payment import Decline, PaymentStatus
from tests.domain.examples import CARD, NOW, event, events, payment

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
    PaymentStatus.PENDING: EventName.PAYMENT_PENDING,
    PaymentStatus.SUCCESS: EventName.PAYMENT_SUCCESS,
    PaymentStatus.FAILED: EventName.PAYMENT_FAILED,
}


def names_between(before: PaymentStatus | None, after: PaymentStatus) -> list[EventName]:
    old = payment(status=before) if before else None
    return [one.name for one in events_between(old, payment(status=after))]


def test_a_new_payment_announces_that_it_was_created_and_then_that_it_is_pending():
    assert names_between(None, PaymentStatus.PENDING) == [
        EventName.PAYMENT_CREATED,
        EventName.PAYMENT_PENDING,
    ]


@pytest.mark.parametrize(("before", "after"), list(product(PaymentStatus, PaymentStatus)))
def test_a_changed_status_announces_itself_and_an_unchanged_one_nothing(
    before: PaymentStatus, after: PaymentStatus
):
    assert names_between(before, after) == ([] if before is after else [OF_STATUS[after]])


def test_a_change_that_is_no_fact_for_the_merchant_announces_nothing():
    assert events_between(payment(), payment(updated_at=NOW + timedelta(seconds=1))) == []


def test_an_event_happened_when_the_row_was_written():
    later = NOW + timedelta(seconds=7)
    [settled] = events_between(payment(), payment(status=PaymentStatus.SUCCESS, updated_at=later))
    assert settled.at == later


def test_an_event_has_the_same_id_however_often_it_is_derived():
    after = payment(status=PaymentStatus.SUCCESS)
    [once], [again] = events_between(payment(), after), events_between(payment(), after)
    assert once.id == again.id
    late = Event(name=once.name, payment=after, at=NOW + timedelta(days=1))
    assert late.id == once.id


def test_events_of_one_payment_and_of_others_have_ids_of_their_own():
    ids = {event(name, id=f"pay_{number}").id for name, number in product(EventName, range(10))}
    assert len(ids) == len(EventName) * 10


def test_the_body_of_a_upi_payment_is_this_to_the_byte():
    assert event(EventName.PAYMENT_CREATED).body() == (
        '{"event":"payment.created","timestamp":1773500966,"data":{"payment":{'
        '"id":"pay_A1b2C3d4E5f6G7h8","order_id":"order_A1b2C3d4E5f6G7h8","amount":50000,"currency":"INR",'
        '"method":"upi","vpa":"buyer@bank","status":"pending","captured":false,"amount_refunded":0,'
        '"created_at":"2026-03-14T15:09:26.535Z"}}}'
    )


def test_the_body_of_a_declined_card_payment_is_this_to_the_byte():
    declined = event(
        EventName.PAYMENT_FAILED,
        instrument=CARD,
        status=PaymentStatus.FAILED,
        money=Money(MAX_AMOUNT, "INR"),
        decline=Decline(code="PAYMENT_FAILED", description="Überzogen ₹"),
    )
    assert declined.body() == (
        '{"event":"payment.failed","timestamp":1773500966,"data":{"payment":{'
        '"id":"pay_A1b2C3d4E5f6G7h8","order_id":"order_A1b2C3d4E5f6G7h8","amount":9007199254740991,'
        '"currency":"INR","method":"card","card_network":"visa","card_last4":"1111","status":"failed",'
        '"captured":false,"amount_refunded":0,"error_code":"PAYMENT_FAILED",'
        '"error_description":"Überzogen ₹","created_at":"2026-03-14T15:09:26.535Z"}}}'
    )


@given(one=events)
def test_every_event_holds_the_payment_and_nothing_that_is_private(one: Event):
    body = json.loads(one.body())
    assert list(body) == ["event", "timestamp", "data"]
    assert (body["event"], body["timestamp"]) == (one.name.value, int(one.at.timestamp()))
    assert list(body["data"]) == ["payment"]
    assert not {"token", "merchant_id", "process_at", "notes"} & set(body["data"]["payment"])


@given(one=events)
def test_a_body_survives_being_read_and_written_again(one: Event):
    body = one.body()
    again = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == body.encode()


@given(one=events)
def test_a_body_holds_no_number_and_no_key_that_javascript_would_change(one: Event):
    def keep_in_mind(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert not any(key.isdecimal() for key, _ in pairs)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def integer(text: str) -> int:
        assert abs(int(text)) <= 2**53 - 1
        return int(text)

    def no_fraction(text: str) -> float:
        raise AssertionError(f"{text} is no integer")

    json.loads(
        one.body(),
        object_pairs_hook=keep_in_mind,
        parse_int=integer,
        parse_float=no_fraction,
        parse_constant=no_fraction,
    )


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=st.lists(events, max_size=25))
def test_a_body_is_what_a_receiver_in_javascript_writes_again(drawn: list[Event]):
    awkward = [event(decline=Decline(code=text, description=text), order_id=text) for text in AWKWARD_TEXTS]
    bodies = [one.body() for one in (*drawn, *awkward)]
    echoed = subprocess.run(
        [str(NODE), "-e", ECHO_AS_RECEIVERS_DO],
        input=json.dumps(bodies).encode(),
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert json.loads(echoed.stdout) == bodies
