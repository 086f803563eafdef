"""The doctor finds exactly the faults, and repairs those that a job can repair."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from chalicelib.acquirers.base import Declined
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.event import EventName, event_id
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import CaptureMode, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_log import WebhookStatus
from infra.__main__ import main
from infra.operator.deployment import Deployment
from infra.operator.doctor.command import examine, print_findings, repair
from infra.operator.doctor.counters import CounterCheck
from infra.operator.doctor.findings import Finding, Kind
from infra.operator.doctor.row_counter import RowCounter
from infra.stage import Stage
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID, logs, order, paid, pay, refund, send_test, set_url

LONG_AGO = timedelta(hours=3)


def found(deployment: Deployment, **options: Any) -> list[Finding]:
    """The findings without a comparison with acquirers, which has its own tests."""
    options = {"acquirer_checks": 0, **options}
    return examine(deployment, settle_s=0, counter=RowCounter(io.StringIO()), **options)


def kinds(findings: list[Finding]) -> list[Kind]:
    return [finding.kind for finding in findings]


def lose_messages(cloud: Cloud) -> None:
    """Purge the queues."""
    for queue in vars(cloud.gateway.settings.queues).values():
        cloud.sqs.purge_queue(QueueUrl=queue.jobs)


def later(cloud: Cloud, by: timedelta = LONG_AGO) -> None:
    cloud.time.shift(by)


def change(cloud: Cloud, table: str, id_: str, **values: Any) -> None:
    """Write a value into a row that the gateway never writes."""
    names = {f"#{name}": name for name in values}
    typed = {
        f":{name}": {"N" if isinstance(value, int) else "S": str(value)} for name, value in values.items()
    }
    dynamodb: Any = boto3.client("dynamodb")
    dynamodb.update_item(
        TableName=f"test-{table.replace('_', '-')}",
        Key={"id": {"S": id_}},
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=typed,
    )


def lively(cloud: Cloud) -> None:
    set_url(cloud)
    payment = paid(cloud)
    cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    refund(cloud, payment.id, 100)
    cloud.sender.script = [500]
    cloud.run(for_s=70)
    cloud.acquirer.refunds_succeed = cloud.acquirer.approves = False
    refund(cloud, payment.id, 100)
    pay(cloud)
    order(cloud)
    send_test(cloud)
    cloud.run(for_s=30)


def test_a_gateway_without_pending_work_has_no_findings(cloud: Cloud, deployment: Deployment):
    lively(cloud)
    later(cloud)
    assert found(deployment) == []


def test_a_check_changes_nothing(cloud: Cloud, deployment: Deployment):
    lively(cloud)
    pay(cloud)
    cloud.relay()
    lose_messages(cloud)
    later(cloud)
    asked: list[str] = []
    cloud.count_requests(asked)
    assert Kind.OVERDUE in kinds(found(deployment))
    reads = {"Scan", "Query", "BatchGetItem", "DescribeTable", "GetQueueAttributes"}
    assert {request.split(".")[1] for request in asked} <= reads


def test_a_payment_with_a_lost_job_is_found_and_settles_after_the_repair(
    cloud: Cloud, deployment: Deployment
):
    payment = pay(cloud)
    cloud.relay()
    lose_messages(cloud)
    later(cloud)
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.OVERDUE, payment.id)
    assert repair(deployment, [finding]) == 1
    cloud.run(for_s=1)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    later(cloud)
    assert found(deployment) == []


@pytest.mark.parametrize("decision", ["capture", "void", None])
def test_a_reserved_payment_with_a_lost_job_is_found_and_confirmed_after_the_repair(
    cloud: Cloud, deployment: Deployment, decision: str | None
):
    cloud.acquirer.capture_period = timedelta(hours=1)
    payment = paid(cloud, capture=CaptureMode.MANUAL)
    if decision == "capture":
        cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    if decision == "void":
        cloud.gateway.captures.void(payment.id, MERCHANT_ID)
    cloud.relay()
    lose_messages(cloud)
    later(cloud)
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.OVERDUE, payment.id)
    assert repair(deployment, [finding]) == 1
    cloud.run(for_s=5)
    assert cloud.gateway.payments.get(payment.id).confirmed_at
    later(cloud)
    assert found(deployment) == []


def test_a_payment_whose_capture_was_refused_has_no_findings(cloud: Cloud, deployment: Deployment):
    set_url(cloud)
    payment = paid(cloud, capture=CaptureMode.MANUAL)
    cloud.acquirer.script = [Declined(code=DeclineCode.PROCESSING_ERROR, description="Refused")]
    cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    cloud.run(for_s=60)
    assert cloud.gateway.payments.get(payment.id).voided_at
    later(cloud)
    assert found(deployment) == []


def test_a_refund_with_a_lost_job_is_found_and_settles_after_the_repair(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud)
    pending = refund(cloud, payment.id, 100)
    cloud.relay()
    lose_messages(cloud)
    later(cloud)
    findings = found(deployment)
    assert [(one.kind, one.subject) for one in findings] == [(Kind.OVERDUE, pending.id)]
    repair(deployment, findings)
    cloud.run(for_s=1)
    assert cloud.gateway.refunds.get(pending.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert cloud.acquirer.refunds[-1].token == payment.instrument.token


def test_a_webhook_with_a_lost_retry_is_found_and_delivered_after_the_repair(
    cloud: Cloud, deployment: Deployment
):
    set_url(cloud)
    cloud.sender.script = [500]
    log_id = send_test(cloud)
    cloud.run(for_s=1)
    lose_messages(cloud)
    later(cloud)
    findings = found(deployment)
    assert [(one.kind, one.subject) for one in findings] == [(Kind.OVERDUE, log_id)]
    repair(deployment, findings)
    cloud.run(for_s=1)
    (log,) = logs(cloud)
    assert (log.status, log.attempts) == (WebhookStatus.SUCCESS, 2)


def test_a_repair_of_a_job_that_was_not_lost_has_no_effect(cloud: Cloud, deployment: Deployment):
    pay(cloud)
    cloud.relay()
    later(cloud)
    findings = found(deployment)
    for _ in range(2):
        repair(deployment, findings)
    cloud.run(for_s=1)
    later(cloud)
    assert found(deployment) == []
    assert len({charge.idempotency_key for charge in cloud.acquirer.charges}) == 1


def test_a_scheduled_attempt_is_not_overdue(cloud: Cloud, deployment: Deployment):
    set_url(cloud)
    cloud.sender.script = [500] * 4
    send_test(cloud)
    cloud.run(for_s=40 * 60)  # the next attempt is due in two hours
    later(cloud, timedelta(hours=1))
    assert found(deployment) == []


def test_a_delay_shorter_than_a_workers_hold_is_not_overdue(cloud: Cloud, deployment: Deployment):
    pay(cloud)
    cloud.relay()
    lose_messages(cloud)
    later(cloud, timedelta(seconds=100))
    assert found(deployment) == []
    assert kinds(found(deployment, late_after=timedelta(seconds=30))) == [Kind.OVERDUE]


def test_an_attempt_that_a_worker_holds_is_not_overdue(cloud: Cloud, deployment: Deployment):
    set_url(cloud)
    log_id = send_test(cloud)
    cloud.relay()
    later(cloud)
    now = cloud.gateway.clock()
    cloud.gateway.attempts.logs.claim(
        log_id, attempts=0, round_=0, now=now, until=now + timedelta(seconds=20)
    )
    assert found(deployment) == []
    later(cloud)
    assert kinds(found(deployment)) == [Kind.OVERDUE]


def test_a_refundable_amount_that_does_not_match_the_refunds_is_found(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud)
    refund(cloud, payment.id, 100)
    cloud.run(for_s=10)
    change(cloud, "payments", payment.id, amount_refundable=50_000)
    later(cloud)
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.MONEY, payment.id)
    assert "refunds are 100" in finding.message


def test_a_payment_that_changes_during_the_check_is_skipped(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud)
    change(cloud, "payments", payment.id, amount_refundable=1)
    assert found(deployment) == []


def test_a_refund_without_its_payment_is_found(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud)
    made = refund(cloud, payment.id, 100)
    cloud.run(for_s=10)
    change(cloud, "refunds", made.id, payment_id="pay_0000000000000000")
    later(cloud)
    findings = found(deployment)
    assert {finding.subject for finding in findings} == {payment.id, made.id}
    assert set(kinds(findings)) == {Kind.MONEY}


def test_a_counter_that_differs_from_the_rows_is_found(cloud: Cloud, deployment: Deployment):
    paid(cloud)
    cloud.gateway.stats.counters.add(MERCHANT_ID, {"total#payments#upi#success": 1})
    later(cloud)
    (finding,) = found(deployment)
    assert finding.kind is Kind.COUNTERS
    assert "total#payments#upi#success is 2, the rows have 1" in finding.message


def test_a_counter_that_changes_during_the_check_is_skipped(cloud: Cloud):
    counters = cloud.gateway.stats.counters
    counter_check = CounterCheck.start(counters, [MERCHANT_ID], settle_s=0)
    order(cloud)
    cloud.relay()
    findings: list[Finding] = []
    counter_check.finish(findings.append)
    assert findings == []


def test_a_row_that_cannot_be_read_is_found_and_does_not_affect_others(cloud: Cloud, deployment: Deployment):
    broken, lost = pay(cloud), pay(cloud)
    cloud.relay()
    lose_messages(cloud)
    change(cloud, "payments", broken.id, status="odd")
    later(cloud)
    findings = {finding.kind: finding.subject for finding in found(deployment)}
    assert findings[Kind.UNREADABLE] == broken.id
    assert findings[Kind.OVERDUE] == lost.id


def test_an_announced_event_that_did_not_happen_is_found(cloud: Cloud, deployment: Deployment):
    set_url(cloud)
    payment = paid(cloud)
    (log, *_) = logs(cloud)
    row = cloud.gateway.attempts.logs._table.get(log.id)
    row.id = event_id(payment.id, EventName.PAYMENT_FAILED)
    row.save()
    cloud.run()
    later(cloud)
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.CONTRADICTIONS, payment.id)


def test_an_event_before_the_first_url_is_a_note_and_not_a_fault(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud)
    set_url(cloud)
    later(cloud)
    findings = found(deployment)
    assert set(kinds(findings)) == {Kind.MISSING_LOGS}
    assert {finding.subject for finding in findings} == {payment.id}


def test_a_method_that_moves_no_money_in_production_is_a_note(cloud: Cloud, deployment: Deployment):
    assert found(deployment) == []
    production = replace(deployment, stage=Stage("prod"))
    (note,) = found(production)
    assert (note.kind, note.subject, note.message) == (
        Kind.SIMULATED,
        MERCHANT_ID,
        "Test Merchant: upi and card",
    )
    cloud.gateway.onboarding.set_acquirer(MERCHANT_ID, PaymentMethod.CARD, "stripe")
    (note,) = found(production)
    assert note.message == "Test Merchant: upi"


def test_dead_letters_are_found(cloud: Cloud, deployment: Deployment):
    settings = cloud.gateway.settings
    letters = settings.stream_dead_letters
    for url in (letters.relay, letters.recorder, settings.queues.refunds.dead_letters):
        cloud.sqs.send_message(QueueUrl=url, MessageBody="{}")
    findings = found(deployment)
    assert [(one.kind, one.subject) for one in findings] == [
        (Kind.DEAD_LETTERS, "refunds"),
        (Kind.DEAD_LETTERS, "relay"),
        (Kind.DEAD_LETTERS, "recorder"),
    ]


def test_the_list_of_findings_is_truncated_by_default(capsys: pytest.CaptureFixture[str]):
    findings = [Finding(kind=Kind.MONEY, subject=f"pay_{index}", message="odd") for index in range(25)]
    print_findings(findings, shown=20)
    assert "and 5 more" in capsys.readouterr().out
    print_findings(findings, shown=None)
    assert "pay_24" in capsys.readouterr().out


def test_the_exit_status_is_1_if_a_fault_remains(
    cloud: Cloud, deployed: Deployment, capsys: pytest.CaptureFixture[str]
):
    command = ["doctor", "--stage", STAGE, "--acquirer-checks", "0"]
    assert main(command) == 0
    assert "No problems found." in capsys.readouterr().out
    payment = pay(cloud)
    cloud.relay()
    lose_messages(cloud)
    later(cloud)
    assert main(command) == 1
    assert payment.id in capsys.readouterr().out
    assert main([*command, "--repair"]) == 0
    assert "Jobs sent again: 1." in capsys.readouterr().out
