"""The doctor compares open payments and refunds with their acquirers, and changes nothing."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.acquirers.base import ActionRequired, Approved, Declined, Pending, Result, Unknown
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from infra.__main__ import main
from infra.operator.deployment import Deployment
from infra.operator.doctor.acquirer_comparison import ASK_AFTER, MAX_SILENT
from infra.operator.doctor.command import examine, repair
from infra.operator.doctor.findings import Finding, Kind
from infra.operator.doctor.row_counter import RowCounter
from tests.cloud import START, Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT, MERCHANT_ID, paid, pay, refund

KINDS = {Kind.OUTCOMES, Kind.UNKNOWN_THERE, Kind.NOT_COMPARED}
ROUTED = replace(MERCHANT, acquirers={PaymentMethod.UPI: "second"})
DECLINED = Declined(code=DeclineCode.INSUFFICIENT_FUNDS, description="No money")
WAITING = ActionRequired(
    reference="ref_1",
    action=NextAction(
        type=ActionType.REDIRECT, url="https://bank.example/", expires_at=START + timedelta(hours=1)
    ),
)


def found(deployment: Deployment, **options: Any) -> list[Finding]:
    """The findings about acquirers."""
    findings = examine(deployment, settle_s=0, counter=RowCounter(io.StringIO()), **options)
    return [one for one in findings if one.kind in KINDS]


def open_payment(cloud: Cloud, **options: Any) -> Payment:
    """A payment whose request was due ASK_AFTER ago, and that no worker processes."""
    payment = pay(cloud, **options)
    cloud.time.move_to(payment.process_at + ASK_AFTER)
    return payment


@pytest.mark.parametrize(
    ("result", "kind", "message"),
    [
        (Approved(reference="ref_1"), Kind.OUTCOMES, "recording approved it as ref_1; pending since 2026-"),
        (DECLINED, Kind.OUTCOMES, "recording declined it (insufficient_funds); pending since 2026-"),
        (None, Kind.UNKNOWN_THERE, "recording does not know it; pending since 2026-"),
        (Unknown(), Kind.NOT_COMPARED, "recording did not respond"),
    ],
)
def test_a_difference_of_an_open_payment_is_reported(
    cloud: Cloud, deployment: Deployment, result: Result | None, kind: Kind, message: str
):
    payment = open_payment(cloud)
    cloud.acquirer.script = [result]
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (kind, payment.id)
    assert finding.message.startswith(message)
    assert cloud.gateway.payments.get(payment.id) == payment
    assert cloud.acquirer.charges == []


@pytest.mark.parametrize("result", [WAITING, Pending(reference="ref_1", check_at=START)])
def test_a_payment_that_waits_at_the_acquirer_too_is_not_reported(
    cloud: Cloud, deployment: Deployment, result: Result
):
    open_payment(cloud)
    cloud.acquirer.script = [result]
    assert found(deployment) == []
    assert len(cloud.acquirer.checks) == 1


def test_the_acquirer_receives_the_reference_of_the_payment(cloud: Cloud, deployment: Deployment):
    cloud.acquirer.script = [WAITING] * 2
    payment = pay(cloud)
    cloud.time.move_to(payment.process_at)
    cloud.relay()
    cloud.work()
    cloud.time.move_to(payment.process_at + ASK_AFTER)
    found(deployment)
    assert cloud.acquirer.checks == ["ref_1"]


def test_the_repair_of_an_outcome_stores_it(cloud: Cloud, deployment: Deployment):
    payment = open_payment(cloud)
    (finding,) = found(deployment)
    assert finding.kind is Kind.OUTCOMES
    repair(deployment, [finding])
    cloud.work()
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert cloud.acquirer.charges == []


@pytest.mark.parametrize("is_idempotent", [True, False])
def test_the_repair_of_a_payment_that_the_acquirer_does_not_know_charges_once(
    cloud: Cloud, deployment: Deployment, is_idempotent: bool
):
    cloud.acquirer.is_idempotent = is_idempotent
    payment = open_payment(cloud)
    cloud.acquirer.script = [None]
    (finding,) = found(deployment)
    assert finding.kind is Kind.UNKNOWN_THERE
    repair(deployment, [finding])
    cloud.run(for_s=600)  # its own job is not lost
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
    assert len({one.idempotency_key for one in cloud.acquirer.charges}) == 1
    assert is_idempotent or len(cloud.acquirer.charges) == 1


def test_the_repair_of_a_refund_that_the_acquirer_does_not_know_sends_it(
    cloud: Cloud, deployment: Deployment
):
    made = refund(cloud, paid(cloud).id, 100)
    cloud.time.move_to(made.process_at + ASK_AFTER)
    cloud.acquirer.script = [None]
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.UNKNOWN_THERE, made.id)
    repair(deployment, [finding])
    cloud.work()
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert len(cloud.acquirer.refunds) == 1


def test_a_refund_with_an_outcome_is_reported_and_repaired(cloud: Cloud, deployment: Deployment):
    made = refund(cloud, paid(cloud).id, 100)
    cloud.time.move_to(made.process_at + ASK_AFTER)
    (finding,) = found(deployment)
    assert (finding.kind, finding.subject) == (Kind.OUTCOMES, made.id)
    assert cloud.acquirer.refunds == []
    repair(deployment, [finding])
    cloud.work()
    assert cloud.gateway.refunds.get(made.id, MERCHANT_ID).status is RefundStatus.PROCESSED
    assert cloud.acquirer.refunds == []


def test_a_refund_that_waits_for_its_capture_is_not_compared(cloud: Cloud, deployment: Deployment):
    payment = paid(cloud, capture=CaptureMode.MANUAL)
    cloud.gateway.captures.capture(payment.id, MERCHANT_ID, None)
    made = refund(cloud, payment.id, 100)
    cloud.time.move_to(made.process_at + ASK_AFTER)
    assert found(deployment) == []
    assert cloud.acquirer.checks == []


def test_a_payment_that_was_due_recently_is_not_compared(cloud: Cloud, deployment: Deployment):
    payment = pay(cloud)
    cloud.time.move_to(payment.process_at + ASK_AFTER - timedelta(seconds=1))
    assert found(deployment) == []
    assert cloud.acquirer.checks == []


def test_a_payment_that_settles_during_the_check_is_not_reported(
    cloud: Cloud, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
):
    payment = open_payment(cloud)

    def status(*_: object) -> Result:
        cloud.relay()
        cloud.work()
        return Approved(reference="ref_1")

    monkeypatch.setattr(cloud.acquirer, "status", status)
    assert found(deployment) == []
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_the_simulated_acquirer_is_not_asked(
    cloud: Cloud, deployment: Deployment, capsys: pytest.CaptureFixture[str]
):
    cloud.acquirer.name = "simulated"
    open_payment(cloud)
    assert found(deployment) == []
    assert cloud.acquirer.checks == []
    assert (
        "Not compared: 1 of the simulated acquirer, which keeps no record of requests."
        in capsys.readouterr().out
    )


def test_the_number_of_requests_is_limited_and_the_oldest_are_first(
    cloud: Cloud, deployment: Deployment, capsys: pytest.CaptureFixture[str]
):
    payments = [pay(cloud) for _ in range(5)]
    cloud.time.shift(3_600)
    oldest = sorted(payments, key=lambda payment: payment.process_at)[:2]
    assert [one.subject for one in found(deployment, acquirer_checks=2)] == [one.id for one in oldest]
    assert len(cloud.acquirer.checks) == 2
    assert (
        "Compared with acquirers: 2 open payments and refunds. "
        "Not compared: 3 over the limit (--acquirer-checks).\n" in capsys.readouterr().out
    )


def test_without_checks_no_acquirer_is_asked(
    cloud: Cloud, deployment: Deployment, capsys: pytest.CaptureFixture[str]
):
    open_payment(cloud)
    assert found(deployment, acquirer_checks=0) == []
    assert cloud.acquirer.checks == []
    assert "acquirer" not in capsys.readouterr().out


def test_an_acquirer_that_does_not_respond_is_asked_three_times(
    cloud: Cloud, deployment: Deployment, capsys: pytest.CaptureFixture[str]
):
    for _ in range(10):
        pay(cloud)
    cloud.time.shift(3_600)
    cloud.acquirer.script = [Unknown()] * 10
    assert len(found(deployment)) == MAX_SILENT
    assert len(cloud.acquirer.checks) == MAX_SILENT
    assert "7 after acquirers did not respond" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("acquirer", "problem"),
    [
        ("second", f"merchant {MERCHANT_ID} has no valid credentials at acquirer second"),
        ("third", f"acquirer third of merchant {MERCHANT_ID} is not registered"),
    ],
)
def test_missing_credentials_and_acquirers_are_one_finding_for_each_merchant(
    cloud: Cloud, deployment: Deployment, acquirer: str, problem: str
):
    cloud.second.name = acquirer
    for _ in range(3):
        pay(cloud, merchant=ROUTED)
    cloud.time.shift(3_600)
    (finding,) = found(deployment, acquirer_checks=1)
    assert finding.kind is Kind.NOT_COMPARED
    assert finding.subject == f"merchant {MERCHANT_ID}"
    assert finding.message == f"{problem}; open payments and refunds: 3"


def test_the_comparison_only_reads(cloud: Cloud, deployment: Deployment):
    open_payment(cloud)
    requests: list[str] = []
    cloud.count_requests(requests)
    assert found(deployment)
    assert {name for name in requests if name.startswith("dynamodb.")} == {
        "dynamodb.Scan",
        "dynamodb.Query",
        "dynamodb.GetItem",
    }
    assert not {name for name in requests if "Send" in name}


def test_a_payment_that_waits_for_its_buyer_is_not_overdue(cloud: Cloud, deployment: Deployment):
    action = replace(WAITING.action, expires_at=START + timedelta(minutes=10))
    cloud.acquirer.script = [ActionRequired(reference="ref_1", action=action)] * 50
    pay(cloud)
    cloud.run(for_s=590)
    findings = examine(deployment, settle_s=0, counter=RowCounter(io.StringIO()), acquirer_checks=0)
    assert findings == []
    cloud.time.shift(3_600)
    (finding,) = examine(deployment, settle_s=0, counter=RowCounter(io.StringIO()), acquirer_checks=0)
    assert (finding.kind, "due 2026-03-14 15:19:26" in finding.message) == (Kind.OVERDUE, True)


@pytest.mark.usefixtures("deployed")
def test_the_command_line_limits_the_comparison(cloud: Cloud, capsys: pytest.CaptureFixture[str]):
    open_payment(cloud)
    cloud.relay()
    command = ["doctor", "--stage", STAGE, "--late-after", "1h"]
    assert main(command) == 1
    assert f"acquirer recording of merchant {MERCHANT_ID} is not registered" in capsys.readouterr().out
    assert main([*command, "--acquirer-checks", "0"]) == 0
    with pytest.raises(SystemExit):
        main([*command, "--acquirer-checks", "-1"])
