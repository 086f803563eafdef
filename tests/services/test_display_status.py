"""``display_status``: the same in lists as in the payment, although the indexes lack ``voided_at``."""

from datetime import timedelta

import pytest

from chalicelib.acquirers.base import Declined
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.payment import CaptureMode, DisplayStatus, Payment
from chalicelib.store.lists import ListQuery
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID, paid, pay, refund

DECLINED = Declined(code=DeclineCode.PROCESSING_ERROR, description="Refused")
DYNAMODB = "dynamodb"


def captured(cloud: Cloud, mode: CaptureMode = CaptureMode.AUTOMATIC) -> Payment:
    return cloud.gateway.captures.capture(paid(cloud, capture=mode).id, MERCHANT_ID, None)


def refunded(cloud: Cloud, payment: Payment, amount: int) -> Payment:
    refund(cloud, payment.id, amount)
    return payment


def failed(cloud: Cloud) -> Payment:
    cloud.acquirer.approves = False
    payment = paid(cloud)
    cloud.acquirer.approves = True
    return payment


def voided(cloud: Cloud) -> Payment:
    return cloud.gateway.captures.void(paid(cloud, capture=CaptureMode.MANUAL).id, MERCHANT_ID)


def expired(cloud: Cloud) -> Payment:
    cloud.acquirer.capture_period = timedelta(seconds=60)
    payment = paid(cloud, capture=CaptureMode.MANUAL)
    cloud.run(for_s=120)
    return payment


def refused(cloud: Cloud, refunded: int = 0) -> Payment:
    """A captured payment whose capture the acquirer refuses, while a refund of it waits."""
    payment = captured(cloud, CaptureMode.MANUAL)
    if refunded:
        refund(cloud, payment.id, refunded)
    cloud.acquirer.script = [DECLINED]
    cloud.relay_all()
    assert cloud.work()
    cloud.acquirer.script.clear()
    return payment


def with_failed_refund(cloud: Cloud) -> Payment:
    payment = refunded(cloud, paid(cloud), 100)
    cloud.acquirer.refunds_succeed = False
    cloud.run(for_s=15)
    cloud.acquirer.refunds_succeed = True
    return payment


EXPECTED = {
    "failed": (failed, DisplayStatus.FAILED),
    "success": (paid, DisplayStatus.SUCCESS),
    "reserved": (lambda cloud: paid(cloud, capture=CaptureMode.MANUAL), DisplayStatus.SUCCESS),
    "refund failed": (with_failed_refund, DisplayStatus.SUCCESS),
    "captured": (captured, DisplayStatus.CAPTURED),
    "captured manually": (lambda cloud: captured(cloud, CaptureMode.MANUAL), DisplayStatus.CAPTURED),
    "partially refunded": (
        lambda cloud: refunded(cloud, paid(cloud), 1),
        DisplayStatus.PARTIALLY_REFUNDED,
    ),
    "captured and partially refunded": (
        lambda cloud: refunded(cloud, captured(cloud), 49_999),
        DisplayStatus.PARTIALLY_REFUNDED,
    ),
    "refunded": (lambda cloud: refunded(cloud, paid(cloud), 50_000), DisplayStatus.REFUNDED),
    "captured and refunded": (
        lambda cloud: refunded(cloud, captured(cloud), 50_000),
        DisplayStatus.REFUNDED,
    ),
    "voided": (voided, DisplayStatus.VOIDED),
    "expired": (expired, DisplayStatus.VOIDED),
    "capture refused": (refused, DisplayStatus.VOIDED),
    "capture refused after a partial refund": (lambda cloud: refused(cloud, 100), DisplayStatus.VOIDED),
    "capture refused after a refund": (lambda cloud: refused(cloud, 50_000), DisplayStatus.VOIDED),
    "pending": (pay, DisplayStatus.PENDING),
}


def listed(cloud: Cloud, **filters: str) -> dict[str, DisplayStatus]:
    query = ListQuery(merchant_id=MERCHANT_ID, limit=100, filters=filters)
    return {one.id: one.display_status for one in cloud.gateway.stores.payments.page(query).items}


def test_a_list_and_its_filter_have_the_status_of_each_payment(cloud: Cloud):
    made = {name: make(cloud).id for name, (make, _) in EXPECTED.items()}
    expected = {made[name]: status for name, (_, status) in EXPECTED.items()}
    assert {id_: cloud.gateway.payments.get(id_).display_status for id_ in expected} == expected
    assert listed(cloud) == expected
    for status in DisplayStatus:
        matching = {id_: shown for id_, shown in expected.items() if shown is status}
        assert listed(cloud, display_status=status) == matching
        assert matching
    one = made["voided"]
    order_id = cloud.gateway.payments.get(one).order_id
    assert listed(cloud, order_id=order_id, display_status=DisplayStatus.VOIDED) == {
        one: DisplayStatus.VOIDED
    }
    assert listed(cloud, order_id=order_id, display_status=DisplayStatus.SUCCESS) == {}


@pytest.mark.parametrize(
    ("names", "requests"),
    [
        (("pending", "failed", "success", "reserved"), ["Query"]),
        (("captured", "captured and refunded", "captured and partially refunded"), ["Query"]),
        (("voided", "refunded", "refund failed", "success"), ["Query", "BatchGetItem"]),
    ],
)
def test_only_changed_payments_without_a_capture_are_read(
    cloud: Cloud, names: tuple[str, ...], requests: list[str]
):
    for name in names:
        EXPECTED[name][0](cloud)
    sent: list[str] = []
    cloud.count_requests(sent)
    assert len(listed(cloud)) == len(names)
    assert sent == [f"{DYNAMODB}.{request}" for request in requests]
