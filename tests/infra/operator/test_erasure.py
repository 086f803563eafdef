"""`erase-buyer`: no row contains the buyer's data afterwards, and nothing else changes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from chalicelib.domain.payment import CaptureMode, Payment
from chalicelib.domain.webhook_log import WebhookLog
from infra.__main__ import main
from infra.operator.erasure.erasure import Erasure
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import VPA, feed, logs, paid, pay, refund, set_url

pytestmark = pytest.mark.usefixtures("deployed")

Capture = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    return main(["erase-buyer", *words, "--stage", STAGE])


def rows_with(text: str) -> Iterator[str]:
    """The tables with a row that contains ``text``."""
    dynamodb: Any = boto3.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        if text in json.dumps(dynamodb.scan(TableName=name)["Items"], default=str):
            yield name


def attempted(cloud: Cloud) -> list[WebhookLog]:
    """The webhook logs of the test merchant, with their attempts."""
    found = [cloud.gateway.webhooks.logs.get(log.id) for log in logs(cloud)]
    return [log for log in found if log and log.history]


def refunded(cloud: Cloud) -> Payment:
    """A successful payment with a refund. Each of its webhooks was delivered."""
    set_url(cloud)
    payment = paid(cloud)
    refund(cloud, payment.id, 100)
    cloud.run(for_s=15)
    return cloud.gateway.payments.get(payment.id)


def test_no_row_contains_the_buyers_address(cloud: Cloud, capsys: Capture):
    payment, events = refunded(cloud), feed(cloud)
    assert set(rows_with(VPA.address)) == {"test-payments", "test-webhook-logs", "test-events"}
    assert run("--vpa", VPA.address) == 0
    assert capsys.readouterr().out.endswith(f"{payment.id}: erased\n")
    assert list(rows_with(VPA.address)) == []
    assert cloud.gateway.orders.get(payment.order_id, payment.merchant_id).notes == {}
    assert all(not attempt.response_body for log in attempted(cloud) for attempt in log.history)
    assert [event.id for event in feed(cloud)] == [event.id for event in events]


def test_amounts_times_and_statuses_stay_and_nothing_is_sent(cloud: Cloud):
    payment = refunded(cloud)
    sent = len(cloud.sender.delivered)
    assert run("--payment", payment.id) == 0
    cloud.run(for_s=15)
    erased = replace(payment.instrument, token="", vpa=None)
    assert cloud.gateway.payments.get(payment.id) == replace(payment, instrument=erased, return_url=None)
    assert len(cloud.sender.delivered) == sent
    refund(cloud, payment.id, 200)
    cloud.run(for_s=15)
    assert cloud.gateway.payments.get(payment.id).amount_refunded == 300
    assert list(rows_with(VPA.address)) == []


def test_a_run_after_an_interruption_finishes(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    refunded(cloud)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(Erasure, "_remove_notes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run("--vpa", VPA.address)
    assert list(rows_with(VPA.address)) == ["test-payments"]
    assert run("--vpa", VPA.address) == 0
    assert list(rows_with(VPA.address)) == []


@pytest.mark.parametrize("capture", CaptureMode)
def test_an_open_payment_is_not_erased(cloud: Cloud, capsys: Capture, capture: CaptureMode):
    is_reserved = capture is CaptureMode.MANUAL
    payment = paid(cloud, capture=capture) if is_reserved else pay(cloud)
    assert run("--payment", payment.id) == 1
    assert f"{payment.id}: not erased, because the payment is still open" in capsys.readouterr().err
    assert list(rows_with(VPA.address))


def test_a_dry_run_changes_nothing(cloud: Cloud, capsys: Capture):
    payment = refunded(cloud)
    assert run("--vpa", VPA.address, "--dry-run") == 0
    assert f"{payment.id}: would be erased (500.00 INR, 2026-03-14)" in capsys.readouterr().out
    assert cloud.gateway.payments.get(payment.id) == payment


def test_an_unknown_buyer_and_an_unknown_payment_are_reported(capsys: Capture):
    assert run("--vpa", "unknown@upi") == 0
    assert capsys.readouterr().out == "No payment of this buyer was found.\n"
    assert run("--payment", "pay_0000000000000000") == 1
    assert capsys.readouterr().err == "Payment pay_0000000000000000 does not exist in the stage dev.\n"
