"""`logs --payment`: one list with the times in the rows and the lines of the functions' logs."""

import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib.acquirers.base import Unknown
from chalicelib.observability import logger
from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET
from infra.__main__ import main
from infra.operator.history.log_lines import IDS_PER_REQUEST
from tests.api.client import Api
from tests.cloud import START, Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import paid, pay, refund, set_url

pytestmark = pytest.mark.usefixtures("deployed")

Capture = pytest.CaptureFixture[str]


def run(payment_id: str, *words: str) -> int:
    return main(["logs", "--payment", payment_id, "--stage", STAGE, *words])


def history(capsys: Capture) -> list[str]:
    """The printed entries, without their times."""
    output = capsys.readouterr().out
    assert re.search(r"\n\d+ times in rows, \d+ log lines\.", output)
    return [" ".join(line.split()[1:]) for line in output.splitlines() if line.startswith("20")]


def log(function: str, at: datetime, **line: Any) -> None:
    """Write a line of the function's log."""
    logs: Any = boto3.client("logs")
    group = f"/aws/lambda/payment-gateway-{STAGE}-{function}"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
    event = {"timestamp": round(at.timestamp() * 1000), "message": json.dumps(line)}
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[event])


def test_the_times_of_all_rows_are_in_order(cloud: Cloud, capsys: Capture):
    set_url(cloud)
    payment = paid(cloud)
    made = refund(cloud, payment.id, 100)
    cloud.run(for_s=15)
    assert run(payment.id) == 0
    assert [re.sub(r", id=[0-9a-f-]{36}", "", entry) for entry in history(capsys)] == [
        f"payments created: 500.00 INR by upi, order={payment.order_id}, id={payment.id}",
        "webhook_logs payment.created for endpoint default",
        "webhook_attempts payment.created: scheduled attempt, status 200, 0 ms",
        "webhook_logs payment.pending for endpoint default",
        "webhook_attempts payment.pending: scheduled attempt, status 200, 0 ms",
        f"payments success, reference={payment.acquirer_reference}, id={payment.id}",
        "webhook_logs payment.success for endpoint default",
        "webhook_attempts payment.success: scheduled attempt, status 200, 0 ms",
        f"refunds refund created: 1.00 INR, id={made.id}",
        "webhook_logs refund.created for endpoint default",
        "webhook_attempts refund.created: scheduled attempt, status 200, 0 ms",
        f"refunds refund processed, id={made.id}",
        "webhook_logs refund.processed for endpoint default",
        "webhook_attempts refund.processed: scheduled attempt, status 200, 0 ms",
    ]


def test_a_failed_webhook_shows_its_error_and_when_the_next_attempt_is_due(cloud: Cloud, capsys: Capture):
    set_url(cloud)
    cloud.sender.script = [500, 500]
    payment = pay(cloud)
    cloud.run()
    assert run(payment.id) == 0
    entries = history(capsys)
    assert sum("attempt, status 500" in entry for entry in entries) == 2
    assert sum("next attempt is due" in entry for entry in entries[-2:]) == 2


def test_lines_of_every_function_about_the_payment_are_between_the_rows(cloud: Cloud, capsys: Capture):
    payment = paid(cloud)
    made = refund(cloud, payment.id, 100)
    second = timedelta(seconds=1)
    log("api", START + second, level="INFO", message="request", status=201, payment_id=payment.id)
    log("api", START + second, level="INFO", message="request", status=201, payment_id="pay_of_another")
    log("payment-worker", START + 2 * second, level="ERROR", message="job failed", refund_id=made.id)
    assert run(payment.id) == 0
    shown = history(capsys)
    assert shown[1:3] == [
        f"api request status=201 payment_id={payment.id}",
        f"payment-worker ERROR job failed refund_id={made.id}",
    ]
    assert run(payment.id, "--rows-only") == 0
    assert [entry for entry in history(capsys) if entry.startswith(("api", "payment-worker"))] == []


def test_requests_and_jobs_log_the_ids_with_which_the_history_finds_them(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    """The lines that the code logs are those of the functions' log groups."""
    set_url(cloud)
    text = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", text)
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
    merchant = Api(
        Client(app.app).http, credentials={"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
    )
    payment = merchant.payment()
    cloud.acquirer.script = [Unknown()]  # the job asks for the outcome later
    cloud.run(for_s=60)
    for line in text.getvalue().splitlines():
        log("api", START + timedelta(seconds=1), **json.loads(line))
    assert run(payment["id"]) == 0
    shown = [entry for entry in history(capsys) if entry.startswith("api ")]
    assert sum("route=/api/v1/payments status=201" in entry for entry in shown) == 1
    assert sum("payment has no outcome yet" in entry for entry in shown) == 1
    assert sum("payment settled" in entry for entry in shown) == 1
    attempts = [entry for entry in shown if "webhook attempted" in entry]
    assert len(attempts) == 3
    assert all(f"payment_id={payment['id']}" in one and "webhook_log_id=" in one for one in attempts)


def test_more_ids_than_one_request_takes_are_searched(cloud: Cloud, capsys: Capture):
    payment = paid(cloud)
    refunds = [refund(cloud, payment.id, 1) for _ in range(IDS_PER_REQUEST + 2)]
    for made in refunds:
        log(
            "refund-worker", START + timedelta(seconds=10), level="INFO", message="settled", refund_id=made.id
        )
    assert run(payment.id) == 0
    found = {entry.split("=")[1] for entry in history(capsys) if "settled refund_id" in entry}
    assert found == {made.id for made in refunds}


def test_an_unknown_payment_is_an_error(capsys: Capture):
    assert run("pay_0000000000000000") == 1
    assert capsys.readouterr().err == "Payment pay_0000000000000000 does not exist in the stage dev.\n"
