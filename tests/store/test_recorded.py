"""Rows and messages that earlier versions wrote are understood.

tests/recorded/ is only added to: a row or message with a new field is added beside the earlier ones, which
stay in the tables and queues after a deployment.
"""

import json
from typing import Any

import pytest
from pynamodb.models import Model

from chalicelib.jobs.messages import DeliverWebhook, Job, PaymentJob, ProcessRefund, decode, encode
from chalicelib.store.orders import OrderRow, order_from_row
from chalicelib.store.payments import PaymentRow, payment_from_row
from chalicelib.store.tables import TABLES
from chalicelib.store.webhook_logs import WebhookLogRow, log_from_row
from infra.project import ROOT

Item = dict[str, Any]
FOLDER = ROOT / "tests" / "recorded"
ROWS: dict[str, list[Item]] = json.loads((FOLDER / "rows.json").read_text())
MESSAGES: list[Item] = json.loads((FOLDER / "messages.json").read_text())
RECORDED = [(row, item) for row in TABLES for item in ROWS.get(row.Meta.table_name, ())]

# Attributes that were not recorded when the recording began. Only removed from: a new attribute is recorded.
UNRECORDED = {
    "merchants": {
        "acquirers",
        "deactivated_at",
        "endpoint_ids",
        "kept_session",
        "previous_api_secret_hash",
        "previous_api_secret_until",
        "previous_webhook_secret",
        "previous_webhook_secret_until",
        "return_origins",
        "session_epoch",
        "webhook_description",
        "webhook_disabled_at",
        "webhook_disabled_reason",
        "webhook_events",
        "webhook_failing_since",
    },
    "orders": {
        "expires_at",
        "open_payment_ids",
        "pay_once",
        "receipt",
    },
    "payments": {
        "authentication",
        "authorize_leased_until",
        "capture_before",
        "captured_at",
        "card_last4",
        "card_network",
        "check_claimed_at",
        "confirmed_at",
        "late_authorized_at",
        "next_action",
        "return_url",
        "void_reason",
        "voided_at",
    },
    "webhook_logs": {
        "error",
        "leased_until",
        "next_retry_at",
    },
    "webhook_health": {
        "last_failure_at",
    },
    "webhook_pace": {
        "endpoint",
        "slow_since",
        "turn_until",
    },
    "idempotency_keys": {
        "body",
        "expires_at",
        "fingerprint",
        "id",
        "status",
    },
    "sessions": {
        "attempts",
        "epoch",
        "expires_at",
        "id",
        "merchant_id",
    },
    "stats": {
        "expires_at",
    },
    "simulated_charges": {
        "action_expires_at",
        "amount",
        "created_at",
        "currency",
        "embeddable",
        "expires_at",
        "id",
        "outcome",
        "payment_id",
        "return_url",
        "type",
        "wrong_codes",
    },
}


def read(row: type[Model], item: Item) -> Any:
    """The row of an item in DynamoDB's format."""
    made = row()
    made.deserialize(item)
    return made


def kind_of(message: Item) -> type[Job]:
    """The type of the jobs in the queue of the message."""
    return {"process_refund": ProcessRefund, "deliver_webhook": DeliverWebhook}.get(
        message["job"], PaymentJob
    )


def encoded(message: Item) -> Item:
    """The message as this version writes it."""
    made: Item = json.loads(encode(decode(json.dumps(message), kind_of(message))))
    return made


@pytest.mark.parametrize(("row", "item"), RECORDED)
def test_every_recorded_row_has_the_required_attributes(row: type[Model], item: Item):
    """A new attribute must be optional, because the rows of the earlier version do not have it."""
    required = {each.attr_name for each in row.get_attributes().values() if not each.null}
    assert required <= set(item)
    kept = read(row, item).serialize()
    assert {name: kept.get(name) for name in required} == {name: item[name] for name in required}


@pytest.mark.parametrize("row", TABLES)
def test_every_attribute_is_recorded(row: type[Model]):
    recorded = {name for item in ROWS.get(row.Meta.table_name, ()) for name in item}
    attributes = {each.attr_name for each in row.get_attributes().values()}
    assert attributes - recorded == UNRECORDED.get(row.Meta.table_name, set()), (
        "Add a row with the new attribute to tests/recorded/rows.json, and keep the earlier rows."
    )


@pytest.mark.parametrize(
    ("row", "from_row"),
    [(OrderRow, order_from_row), (PaymentRow, payment_from_row), (WebhookLogRow, log_from_row)],
)
def test_recorded_rows_are_records(row: type[Model], from_row: Any):
    items = ROWS[row.Meta.table_name]
    records = [from_row(read(row, item)) for item in items]
    assert [(each.id, each.status) for each in records] == [
        (item["id"]["S"], item["status"]["S"]) for item in items
    ]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message["job"])
def test_every_recorded_message_is_understood(message: Item):
    understood = encoded(message)
    assert {name: understood.get(name) for name in message} == message


@pytest.mark.parametrize("job", sorted({message["job"] for message in MESSAGES}))
def test_every_field_of_a_message_is_recorded(job: str):
    messages = [message for message in MESSAGES if message["job"] == job]
    recorded = {name for message in messages for name in message}
    assert set(encoded(messages[0])) <= recorded, (
        "Add a message with the new field to tests/recorded/messages.json, and keep the earlier messages."
    )


def test_every_job_is_recorded():
    def kinds(kind: type[Any]) -> set[str]:
        own = {kind.job} if "job" in vars(kind) else set()
        return own.union(*(kinds(each) for each in kind.__subclasses__()))

    expected = kinds(PaymentJob) | kinds(ProcessRefund) | kinds(DeliverWebhook)
    assert {message["job"] for message in MESSAGES} == expected
