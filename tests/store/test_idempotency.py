"""Idempotency keys in the tables: the record and the object are written in one transaction."""

from datetime import timedelta

import pytest

from chalicelib.domain.idempotency import IDEMPOTENCY_LIFE
from chalicelib.store.payments import PaymentRefusedError
from tests.store import records
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

MOMENT = timedelta(milliseconds=1)


def test_a_first_use_writes_and_a_second_returns_the_record_and_writes_nothing(stores: Stores):
    first, second, key = records.order(), records.order(), fresh()
    record = records.record(key)
    assert stores.orders.create(first, record, now=NOW) is None
    replayed = stores.orders.create(second, records.record(key, fingerprint="g"), now=NOW)
    assert replayed is not None
    assert (replayed.fingerprint, replayed.response) == (record.fingerprint, record.response)
    assert stores.orders.get(first.id) == first
    assert stores.orders.get(second.id) is None


def test_a_first_use_whose_response_was_lost_succeeds(stores: Stores):
    order, record = records.order(), records.record()
    with Wire(repeats=True).between(stores):
        assert stores.orders.create(order, record, now=NOW) is None
    assert stores.orders.create(order, record, now=NOW) is not None


def test_a_key_is_used_until_the_end_of_its_24_hours(stores: Stores):
    key = fresh()
    stores.orders.create(records.order(), records.record(key), now=NOW)
    last = NOW + IDEMPOTENCY_LIFE - MOMENT
    order = records.order()
    assert stores.orders.create(order, records.record(key, at=last), now=last) is not None
    assert stores.orders.get(order.id) is None


def test_an_expired_key_is_new_although_its_record_still_exists(stores: Stores):
    key = fresh()
    stores.orders.create(records.order(), records.record(key), now=NOW)
    later = NOW + IDEMPOTENCY_LIFE + records.SECOND
    order = records.order()
    assert stores.orders.create(order, records.record(key, at=later), now=later) is None
    assert stores.orders.get(order.id) == order
    assert stores.orders.create(records.order(), records.record(key, at=later), now=later) is not None


def test_a_rejected_request_leaves_its_key_unused(stores: Stores):
    payment, record = records.succeeded(stores), records.record()
    with pytest.raises(PaymentRefusedError) as refused:
        stores.refunds.create(records.refund(payment, 50_001), record, now=NOW)
    assert refused.value.payment == payment
    refund = records.refund(payment, 50_000)
    assert stores.refunds.create(refund, record, now=NOW) is None
    assert stores.refunds.get(refund.id) == refund


def test_a_used_key_takes_precedence_over_an_invalid_state(stores: Stores):
    """A retry of a refund of the complete amount is a replay, and not rejected for its amount."""
    payment, key = records.succeeded(stores), fresh()
    stores.refunds.create(records.refund(payment, 50_000), records.record(key), now=NOW)
    again = stores.refunds.create(records.refund(payment, 50_000), records.record(key), now=NOW)
    assert again is not None
