"""Each write, repeated by AWS's client after a lost response, is applied once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.merchant import Merchant
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.session import Session
from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_health import Results
from chalicelib.domain.webhook_log import AttemptResult, WebhookStatus
from chalicelib.store import write_ids
from tests.domain.examples import attempt, webhook_endpoint
from tests.store import records
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

LATER = NOW + timedelta(seconds=5)
URL = "https://merchant.example/webhook"
LOST = Wire(repeats=True)


@pytest.fixture
def merchant(stores: Stores) -> Merchant:
    merchant = records.merchant()
    with LOST.between(stores):
        assert stores.merchants.create(merchant)
    return merchant


def test_the_previous_signing_secret_is_kept(stores: Stores, merchant: Merchant):
    with LOST.between(stores):
        stores.endpoints.set_secret(EndpointKey(merchant.id), "whsec_2", previous_until=LATER)
    after = stores.merchants.get(merchant.id)
    assert after is not None
    assert (after.webhook.secret, after.webhook.previous_secret) == ("whsec_2", "whsec_1")


def test_a_repeated_rotation_keeps_the_secret_in_use(stores: Stores, merchant: Merchant):
    with LOST.between(stores):
        assert stores.merchants.rotate_api_secret(merchant, "hash 2", previous_hash="hash", until=LATER)
    after = stores.merchants.get(merchant.id)
    assert after is not None
    assert after.valid_api_secret_hashes(NOW) == ("hash 2", "hash")
    assert not stores.merchants.rotate_api_secret(merchant, "hash 3", previous_hash="hash", until=LATER)
    with LOST.between(stores):
        assert stores.merchants.end_previous_api_secret(merchant.id, "hash")
    ended = stores.merchants.get(merchant.id)
    assert ended is not None
    assert ended.valid_api_secret_hashes(NOW) == ("hash 2",)


@pytest.mark.parametrize("others", [1, write_ids.KEPT - 1])
def test_the_previous_secret_is_kept_despite_concurrent_changes(
    stores: Stores, merchant: Merchant, others: int
):
    key = EndpointKey(merchant.id)
    saves = [lambda: stores.endpoints.change(key, {"url": URL}, now=NOW)] * others
    with Wire(repeats=True, between_repeats=saves).between(stores):
        changed = stores.endpoints.set_secret(key, "whsec_2", previous_until=LATER)
    assert changed is not None
    assert changed == stores.endpoints.get(key)
    assert (changed.url, changed.previous_secret) == (URL, "whsec_1")


def test_a_url_that_is_saved_concurrently_is_kept(stores: Stores, merchant: Merchant):
    key = EndpointKey(merchant.id)
    other = [lambda: stores.endpoints.change(key, {"url": f"{URL}/new"}, now=NOW)]
    with Wire(repeats=True, between_repeats=other).between(stores):
        saved = stores.endpoints.change(key, {"url": URL}, now=NOW)
    assert saved is not None
    assert saved.url == f"{URL}/new"


def test_endpoint_results_and_a_deactivation_are_recorded_once(stores: Stores, merchant: Merchant):
    key, failed = EndpointKey(merchant.id), Results(failed=1, latency_ms=5, last_failure_at=NOW)
    with LOST.between(stores):
        assert stores.health.add(key, failed, at=NOW) == failed
        gone = stores.merchants.deactivate(merchant.id, now=LATER)
    assert [hour.results for hour in stores.health.hours(key, since=NOW)] == [failed]
    assert gone is not None
    assert gone == stores.merchants.get(merchant.id)
    assert gone.deactivated_at == LATER


def test_an_endpoint_is_created_and_deleted_once(stores: Stores, merchant: Merchant):
    one = webhook_endpoint(id=fresh("we_"))
    key = EndpointKey(merchant.id, one.id)
    with LOST.between(stores):
        assert stores.endpoints.create(key, one, None, now=NOW) is None
        assert stores.endpoints.get(key) == one
        assert stores.endpoints.delete(key)
    assert stores.endpoints.get(key) is None


def test_a_login_attempt_is_counted_once(stores: Stores):
    address = fresh("someone@")

    def count() -> int:
        return stores.sessions.count_attempt(address, window_ends_at=LATER)

    with LOST.between(stores):
        assert [count(), count()] == [1, 2]
    with Wire(repeats=True, between_repeats=[count]).between(stores):
        assert count() == 4
    assert count() == 5


def test_a_session_is_created_and_ended(stores: Stores):
    made = Session(token_hash=fresh(), merchant_id=fresh(), expires_at=LATER.replace(microsecond=0))
    with LOST.between(stores):
        stores.sessions.create(made)
        assert stores.sessions.get(made.token_hash, now=NOW) == made
        stores.sessions.delete(made.token_hash)
    assert stores.sessions.get(made.token_hash, now=NOW) is None


def test_a_payment_is_created_settled_captured_and_refunded(stores: Stores):
    payment = records.ordered_payment(stores)
    with LOST.between(stores):
        assert stores.payments.create(payment, records.record(), now=NOW) is None
        assert stores.payments.settle(
            payment.id, payment.order_id, PaymentStatus.SUCCESS, decline=None, now=LATER
        )
        captured = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
        assert captured.captured_at == LATER
        refund = records.refund(payment)
        assert stores.refunds.create(refund, None, now=LATER) is None
        assert stores.refunds.settle(refund, RefundStatus.FAILED, now=LATER) is not None
    after = stores.payments.get(payment.id)
    assert after is not None
    assert (after.sequence, after.amount_refundable) == (payment.sequence + 4, payment.money.amount)


@pytest.mark.parametrize("refunds", [1, 10])
def test_a_capture_succeeds_despite_concurrent_refunds(stores: Stores, refunds: int):
    payment = records.succeeded(stores)

    def refund() -> None:
        created = records.refund(payment, 100)
        assert stores.refunds.create(created, None, now=LATER) is None
        assert stores.refunds.settle(created, RefundStatus.PROCESSED, now=LATER) is not None

    with Wire(repeats=True, between_repeats=[refund] * refunds).between(stores):
        captured = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
    assert captured == stores.payments.get(payment.id)
    assert captured.captured_at == LATER


def test_a_payment_that_is_settled_before_its_creation_is_repeated_is_created_once(stores: Stores):
    payment = records.ordered_payment(stores)
    settle = [
        lambda: stores.payments.settle(
            payment.id, payment.order_id, PaymentStatus.SUCCESS, decline=None, now=LATER
        )
    ]
    with Wire(repeats=True, between_repeats=settle).between(stores):
        assert stores.payments.create(payment, None, now=NOW) is None
    after = stores.payments.get(payment.id)
    assert after is not None
    assert after.status is PaymentStatus.SUCCESS


def test_an_attempt_is_claimed_recorded_and_restarted(stores: Stores):
    log, lease = records.webhook_log(), LATER + timedelta(seconds=20)
    again = AttemptResult(status=WebhookStatus.PENDING, attempts=1, next_retry_at=LATER)
    with LOST.between(stores):
        assert stores.logs.create(log)
        first = stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=LATER)
        assert first is not None
        second = stores.logs.claim(log.id, attempts=0, round_=0, now=LATER, until=lease)
        assert second is not None
        assert not stores.logs.record(first, attempt(at=NOW), again)
        assert stores.logs.record(second, attempt(at=LATER), again)
        restarted = stores.logs.restart(log.id, log.merchant_id, now=LATER)
    after = stores.logs.get(log.id)
    assert restarted is not None
    assert after == replace(restarted, history=(attempt(at=NOW), attempt(at=LATER)))
    assert (after.round, [one.at for one in after.history]) == (1, [NOW, LATER])


def test_a_claim_that_a_manual_retry_voids_fails(stores: Stores):
    log = records.webhook_log()
    stores.logs.create(log)
    restart = [lambda: stores.logs.restart(log.id, log.merchant_id, now=LATER)]
    with Wire(repeats=True, between_repeats=restart).between(stores):
        assert stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=LATER) is None


# Rows as written by versions without write ids.


def without_write_ids(stores: Stores, table: Any, key: str, **attributes: str) -> None:
    """Remove the ids of a row, and set the ``attributes`` that earlier versions had."""
    names = {f"#{number}": name for number, name in enumerate(write_ids._names())}
    sets = [f"{name} = :{name}" for name in attributes]
    request: dict[str, Any] = {
        "TableName": table.Meta.table_name,
        "Key": {"id": {"S": key}},
        "UpdateExpression": f"REMOVE {', '.join(names)}" + (f" SET {', '.join(sets)}" if sets else ""),
        "ExpressionAttributeNames": names,
        "ReturnValues": "ALL_NEW",
    }
    if attributes:
        request["ExpressionAttributeValues"] = {
            f":{name}": {"S": value} for name, value in attributes.items()
        }
    assert "write_id" not in stores.client.update_item(**request)["Attributes"]


@pytest.mark.parametrize("repeats", [False, True])
def test_a_payment_without_a_write_id_can_be_updated(stores: Stores, repeats: bool):
    payment = records.succeeded(stores)
    table = stores.payments._table
    without_write_ids(stores, table, payment.id, capture_mark="0123456789abcdef")
    refund = records.refund(payment)
    with Wire(repeats=repeats).between(stores):
        captured = stores.captures.capture(payment.id, payment.merchant_id, None, now=LATER)
        assert stores.refunds.create(refund, None, now=LATER) is None
    without_write_ids(stores, table, payment.id)
    without_write_ids(stores, stores.refunds._table, refund.id)
    with Wire(repeats=repeats).between(stores):
        assert stores.refunds.settle(refund, RefundStatus.PROCESSED, now=LATER) is not None
    after = stores.payments.get(payment.id)
    assert after is not None
    assert (captured.captured_at, after.captured_at, after.sequence) == (LATER, LATER, payment.sequence + 3)


@pytest.mark.parametrize("repeats", [False, True])
def test_a_merchant_and_a_log_without_a_write_id_can_be_updated(
    stores: Stores, merchant: Merchant, repeats: bool
):
    log = records.webhook_log()
    stores.logs.create(log)
    without_write_ids(stores, stores.merchants._table, merchant.id)
    without_write_ids(stores, stores.logs._table, log.id)
    with Wire(repeats=repeats).between(stores):
        changed = stores.endpoints.set_secret(EndpointKey(merchant.id), "whsec_2", previous_until=LATER)
        claimed = stores.logs.claim(log.id, attempts=0, round_=0, now=NOW, until=LATER)
    assert changed is not None
    assert changed.previous_secret == "whsec_1"
    assert claimed == stores.logs.get(log.id)
