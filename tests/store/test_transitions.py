"""The conditions of the writes match the transition tables of the domain, for each pair of states."""

from datetime import timedelta
from itertools import product

import pytest

from chalicelib.domain.payment import PAYMENT_TRANSITIONS, PaymentStatus
from chalicelib.domain.refund import REFUND_TRANSITIONS, RefundStatus
from chalicelib.domain.webhook_log import WEBHOOK_TRANSITIONS, AttemptResult, WebhookLog, WebhookStatus
from chalicelib.store.payments import PaymentRefusedError
from tests.domain.examples import attempt
from tests.store import records
from tests.store.stores import NOW, Stores

LATER = NOW + timedelta(seconds=5)
LEASE = NOW + timedelta(seconds=20)


@pytest.mark.parametrize(("source", "target"), list(product(PaymentStatus, repeat=2)))
def test_a_payment_is_settled_only_as_the_table_allows(
    stores: Stores, source: PaymentStatus, target: PaymentStatus
):
    payment = records.stored(stores, status=source)
    if not any(target in targets for targets in PAYMENT_TRANSITIONS.values()):
        with pytest.raises(AssertionError, match="no state can change to"):
            stores.payments.settle(payment.id, payment.order_id, target, decline=None, now=LATER)
        assert stores.payments.get(payment.id) == payment
        return
    settled = stores.payments.settle(payment.id, payment.order_id, target, decline=None, now=LATER)
    after = stores.payments.get(payment.id)
    assert after is not None
    if target in PAYMENT_TRANSITIONS[source]:
        assert settled is True
        assert (after.status, after.sequence) == (target, payment.sequence + 1)
    else:
        assert settled is False
        assert after == payment


@pytest.mark.parametrize(("source", "target"), list(product(RefundStatus, repeat=2)))
def test_a_refund_is_settled_only_as_the_table_allows(
    stores: Stores, source: RefundStatus, target: RefundStatus
):
    payment = records.succeeded(stores, amount_refundable=40_000)
    refund = records.refund(payment, status=source)
    stores.refunds._row(refund).save()
    if not any(target in targets for targets in REFUND_TRANSITIONS.values()):
        with pytest.raises(AssertionError, match="no state can change to"):
            stores.refunds.settle(refund, target, now=LATER)
        assert stores.refunds.get(refund.id) == refund
        return
    settled = stores.refunds.settle(refund, target, now=LATER)
    after, refunded = stores.refunds.get(refund.id), stores.payments.get(payment.id)
    assert after is not None
    assert refunded is not None
    if target in REFUND_TRANSITIONS[source]:
        assert settled == after == refunded.latest_refund
        assert (after.status, refunded.sequence) == (target, payment.sequence + 1)
    else:
        assert settled is None
        assert (after, refunded) == (refund, payment)


@pytest.mark.parametrize(("source", "target"), list(product(WebhookStatus, repeat=2)))
def test_a_webhook_log_changes_only_as_the_table_allows(
    stores: Stores, source: WebhookStatus, target: WebhookStatus
):
    """By the result of an attempt, or by a manual retry; both can lead to pending."""
    by_attempt = _by_attempt(stores, source, target)
    by_hand = target is WebhookStatus.PENDING and _manually(stores, source)
    assert (by_attempt or by_hand) is (target in WEBHOOK_TRANSITIONS[source])


@pytest.mark.parametrize(("source", "target"), list(product(WebhookStatus, repeat=2)))
def test_a_result_changes_only_a_pending_log(stores: Stores, source: WebhookStatus, target: WebhookStatus):
    assert _by_attempt(stores, source, target) is (source is WebhookStatus.PENDING)


@pytest.mark.parametrize("source", WebhookStatus)
def test_only_a_pending_log_is_claimed(stores: Stores, source: WebhookStatus):
    log = _put(stores, status=source)
    claimed = stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=LEASE)
    assert (claimed is not None) is (source is WebhookStatus.PENDING)
    after = stores.logs.get(log.id)
    assert after == (claimed or log)


@pytest.mark.parametrize(("status", "captured"), list(product(PaymentStatus, [False, True])))
def test_only_a_successful_payment_is_captured_and_only_once(
    stores: Stores, status: PaymentStatus, captured: bool
):
    payment = records.stored(stores, status=status)
    if captured:
        row = stores.payments._table(payment.id)
        row.update(actions=[stores.payments._table.captured_at.set(NOW)])
    if status is PaymentStatus.SUCCESS and not captured:
        taken = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
        assert taken == stores.payments.get(payment.id)
        assert (taken.captured_at, taken.sequence) == (LATER, payment.sequence + 1)
        return
    before = stores.payments.get(payment.id)
    with pytest.raises(PaymentRefusedError) as refused:
        stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
    assert refused.value.payment == before == stores.payments.get(payment.id)


@pytest.mark.parametrize("status", PaymentStatus)
def test_only_a_successful_payment_is_refunded(stores: Stores, status: PaymentStatus):
    payment = records.stored(stores, status=status)
    refund = records.refund(payment)
    if status is PaymentStatus.SUCCESS:
        assert stores.refunds.create(refund, None, now=LATER) is None
        assert stores.refunds.get(refund.id) == refund
        return
    with pytest.raises(PaymentRefusedError) as refused:
        stores.refunds.create(refund, None, now=LATER)
    assert refused.value.payment == payment == stores.payments.get(payment.id)
    assert stores.refunds.get(refund.id) is None


def _put(stores: Stores, **changes: object) -> WebhookLog:
    log = records.webhook_log(**changes)
    assert stores.logs.create(log)
    return log


def _by_attempt(stores: Stores, source: WebhookStatus, target: WebhookStatus) -> bool:
    """Whether the result of a claimed attempt changes a log from ``source`` to ``target``."""
    log = _put(stores, status=source)
    table = stores.logs._table
    table(log.id).update(actions=[table.leased_until.set(LEASE)])
    held = stores.logs.get(log.id)
    assert held is not None
    due = LATER if target is WebhookStatus.PENDING else None
    made = attempt(at=NOW)
    is_moved = stores.logs.record(held, made, AttemptResult(status=target, attempts=1, next_retry_at=due))
    after = stores.logs.get(log.id)
    assert after is not None
    assert (after.status, after.attempts) == ((target, 1) if is_moved else (source, 0))
    assert after.history == (made,)
    return is_moved


def _manually(stores: Stores, source: WebhookStatus) -> bool:
    log = _put(stores, status=source, attempts=5)
    restarted = stores.logs.restart(log.id, log.merchant_id, now=LATER)
    assert restarted is not None
    assert (restarted.status, restarted.attempts, restarted.round) == (WebhookStatus.PENDING, 0, 1)
    return True
