"""Orders, payments and messages of the version that stored no payments in an order."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from chalicelib.domain.errors import GatewayError
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store.orders import OrderStore
from chalicelib.workers.acquirer_jobs import process_payments
from tests.cloud import Cloud
from tests.services.shop import MERCHANT_ID, order, pay, pay_publicly

NEW_ATTRIBUTES = ("attempts", "open_payment_ids", "paid_payment_id", "pay_once", "expires_at")


def as_it_was_written(cloud: Cloud, made: Order) -> None:
    """Reduce the order to the attributes of the earlier version: one status and no payments."""
    boto3.client("dynamodb").update_item(
        TableName=cloud.gateway.settings.tables.orders,
        Key={"id": {"S": made.id}},
        UpdateExpression="SET #status = :created REMOVE " + ", ".join(NEW_ATTRIBUTES),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":created": {"S": "created"}},
    )


def with_payments(cloud: Cloud, *outcomes: PaymentStatus) -> tuple[Order, list[Payment]]:
    """An order of the earlier version with one payment per outcome, oldest first."""
    made, payments = order(cloud), []
    for outcome in outcomes:
        payments.append(pay(cloud, of=made))
        if outcome is not PaymentStatus.PENDING:
            cloud.acquirer.approves = outcome is PaymentStatus.SUCCESS
            cloud.run(for_s=15)
    cloud.acquirer.approves = True
    as_it_was_written(cloud, made)
    return made, payments


def process_message(cloud: Cloud, payment_id: str) -> None:
    """Process a message in the format of the earlier version, without the order's id."""
    message = {
        "job": "process_payment",
        "payment_id": payment_id,
        "method": "upi",
        "token": "buyer@bank",
        "amount": 50_000,
        "currency": "INR",
        "due_at": "2026-03-14T15:09:26.000Z",
    }
    answer = process_payments(cloud.gateway, [{"messageId": "1", "body": json.dumps(message)}])
    assert answer == {"batchItemFailures": []}


def rejection(cloud: Cloud, made: Order) -> str:
    """The error code of a buyer's rejected payment."""
    with pytest.raises(GatewayError) as refused:
        pay_publicly(cloud, made)
    return refused.value.code


def test_a_paid_order_is_recognised_as_paid(cloud: Cloud):
    made, (_, paid) = with_payments(cloud, PaymentStatus.FAILED, PaymentStatus.SUCCESS)
    read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
    assert (read.status, read.paid_payment_id, read.attempts) == (OrderStatus.PAID, paid.id, 2)
    assert rejection(cloud, made) == "ORDER_ALREADY_PAID"


def test_a_buyer_is_referred_to_an_open_payment_which_then_pays_the_order(cloud: Cloud):
    made, (pending,) = with_payments(cloud, PaymentStatus.PENDING)
    assert cloud.gateway.orders.get_for_buyer(made.id).order.payment_id == pending.id
    assert rejection(cloud, made) == "PAYMENT_IN_PROGRESS"
    cloud.run(for_s=15)
    assert rejection(cloud, made) == "ORDER_ALREADY_PAID"


def test_an_order_without_a_payment_or_with_a_failed_one_can_be_paid(cloud: Cloud):
    for outcomes in ([], [PaymentStatus.FAILED]):
        made, _ = with_payments(cloud, *outcomes)
        pay_publicly(cloud, made)
        cloud.run(for_s=15)
        read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
        assert (read.status, read.attempts) == (OrderStatus.PAID, len(outcomes) + 1)


def test_a_merchant_can_pay_an_order_of_the_earlier_version(cloud: Cloud):
    made, _ = with_payments(cloud, PaymentStatus.SUCCESS)
    read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
    pay(cloud, of=read)
    assert cloud.gateway.orders.get(made.id, MERCHANT_ID).attempts == 2


@pytest.mark.parametrize("outcome", [PaymentStatus.SUCCESS, PaymentStatus.FAILED])
def test_a_payment_that_is_settled_before_its_order_is_read_leaves_it_unlocked(
    cloud: Cloud, outcome: PaymentStatus
):
    made, (pending,) = with_payments(cloud, PaymentStatus.PENDING)
    cloud.acquirer.approves = outcome is PaymentStatus.SUCCESS
    cloud.run(for_s=15)
    read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
    assert read.open_payment_ids == frozenset()
    assert read.paid_payment_id == (pending.id if outcome is PaymentStatus.SUCCESS else None)
    assert read.attempts == 1


def test_a_payment_that_is_settled_while_its_order_is_read_leaves_it_unlocked(cloud: Cloud, monkeypatch):
    made, (pending,) = with_payments(cloud, PaymentStatus.PENDING)
    with settled_in_between(cloud, monkeypatch):
        read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
    assert read.open_payment_ids == frozenset()
    assert read.paid_payment_id == pending.id


@contextmanager
def settled_in_between(cloud: Cloud, monkeypatch: Any) -> Iterator[None]:
    """Settle every payment after the payments of an order were read and before they are written to it."""
    add_payments = OrderStore.add_payments

    def late(store: OrderStore, made: Order, payments: list[Payment]) -> Order | None:
        cloud.run(for_s=15)
        return add_payments(store, made, payments)

    with monkeypatch.context() as patch:
        patch.setattr(OrderStore, "add_payments", late)
        yield


@pytest.mark.parametrize("outcome", [PaymentStatus.SUCCESS, PaymentStatus.FAILED])
def test_a_message_of_the_earlier_version_settles_its_payment(cloud: Cloud, outcome: PaymentStatus):
    made, (pending,) = with_payments(cloud, PaymentStatus.PENDING)
    cloud.acquirer.approves = outcome is PaymentStatus.SUCCESS
    process_message(cloud, pending.id)
    assert cloud.gateway.payments.get(pending.id).status is outcome
    read = cloud.gateway.orders.get(made.id, MERCHANT_ID)
    assert read.status is (OrderStatus.PAID if outcome is PaymentStatus.SUCCESS else OrderStatus.CREATED)


def test_a_message_of_the_earlier_version_about_a_missing_payment_charges_nothing(cloud: Cloud):
    process_message(cloud, "pay_missing")
    assert cloud.acquirer.charges == []
