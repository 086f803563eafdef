"""The order rule in the tables, on every engine: the changes of an order's row by its payments."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.order import MAX_ATTEMPTS, MAX_OPEN_PAYMENTS, Order, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store.orders import OrderRow
from chalicelib.store.payments import OrderRefusedError
from tests.store import records
from tests.store.stores import NOW, Stores, fresh

LATER = NOW + timedelta(seconds=5)


def new_order(stores: Stores, **changes: Any) -> Order:
    made = records.order(**changes)
    assert stores.orders.create(made, None, now=NOW) is None
    return made


def pay(stores: Stores, order: Order, *, guarded: bool = True) -> Payment:
    payment = records.payment(order_id=order.id, merchant_id=order.merchant_id)
    assert stores.payments.create(payment, None, now=NOW, guarded=guarded) is None
    return payment


def read(stores: Stores, order: Order) -> Order:
    found = stores.orders.get(order.id)
    assert found is not None
    return found


def settle(stores: Stores, payment: Payment, status: PaymentStatus) -> bool:
    return stores.payments.settle(payment.id, payment.order_id, status, decline=None, now=LATER)


def test_the_set_of_open_payments_is_removed_with_its_last_element(stores: Stores):
    """The rule requires that the attribute does not exist, so an empty set must be removed."""
    order = new_order(stores)
    payments = [pay(stores, order, guarded=False) for _ in range(2)]
    assert read(stores, order).open_payment_ids == {payment.id for payment in payments}
    for payment in payments:
        assert settle(stores, payment, PaymentStatus.FAILED)
    assert stores.row(OrderRow).get(order.id).open_payment_ids is None
    pay(stores, order)


@pytest.mark.parametrize("status", [PaymentStatus.SUCCESS, PaymentStatus.FAILED])
def test_a_settled_payment_is_settled_once(stores: Stores, status: PaymentStatus):
    order = new_order(stores)
    payment = pay(stores, order)
    assert settle(stores, payment, status)
    after = read(stores, order)
    assert not settle(stores, payment, PaymentStatus.SUCCESS)
    assert read(stores, order) == after
    is_paid = status is PaymentStatus.SUCCESS
    assert after.status is (OrderStatus.PAID if is_paid else OrderStatus.CREATED)
    assert after.paid_payment_id == (payment.id if is_paid else None)


def test_the_first_successful_payment_pays_the_order(stores: Stores):
    order = new_order(stores)
    first, second = (pay(stores, order, guarded=False) for _ in range(2))
    assert settle(stores, second, PaymentStatus.SUCCESS)
    assert settle(stores, first, PaymentStatus.SUCCESS)
    assert read(stores, order).paid_payment_id == second.id


@pytest.mark.parametrize(
    ("changes", "is_refused"),
    [
        ({}, False),
        ({"attempts": MAX_ATTEMPTS - 1}, False),
        ({"attempts": MAX_ATTEMPTS}, True),
        ({"status": OrderStatus.PAID}, True),
        ({"expires_at": NOW}, True),
        ({"expires_at": NOW + timedelta(microseconds=1)}, False),
        ({"attempts": None}, True),
    ],
)
def test_the_condition_matches_the_domain_rule(stores: Stores, changes: dict[str, object], is_refused: bool):
    order = new_order(stores, **changes)
    if not is_refused:
        pay(stores, order)
        return
    before = read(stores, order)
    with pytest.raises(OrderRefusedError) as refused:
        pay(stores, order)
    assert refused.value.order == before == read(stores, order)


def test_a_payment_without_an_order_is_rejected(stores: Stores):
    with pytest.raises(OrderRefusedError) as refused:
        pay(stores, records.order(id=fresh("order_")))
    assert refused.value.order is None


def test_an_order_stores_a_limited_number_of_open_payments(stores: Stores):
    order = new_order(stores)
    table = stores.row(OrderRow)
    many = {fresh("pay_") for _ in range(MAX_OPEN_PAYMENTS - 1)}
    table(order.id).update(actions=[table.open_payment_ids.set(many)])
    pay(stores, order, guarded=False)
    with pytest.raises(OrderRefusedError):
        pay(stores, order, guarded=False)
