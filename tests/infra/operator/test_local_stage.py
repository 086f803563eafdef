"""The operator's commands as processes, against the local gateway."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.aws import LOCAL_CREDENTIALS, LOCAL_REGION, Aws
from infra.local.gateway import LocalGateway
from infra.operator.doctor.drift import Drift
from infra.operator.doctor.findings import Finding, Kind
from infra.project import ROOT
from infra.stage import Stage
from tests.e2e.api import Api

pytestmark = pytest.mark.e2e
TIMEOUT_S = 240  # for a command that hangs; on an idle machine, a command takes two seconds


@pytest.fixture
def environment(gateway: LocalGateway, merchant: Api) -> dict[str, str]:
    return {
        **os.environ,
        **{name.upper(): value for name, value in LOCAL_CREDENTIALS.items()},
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_ENDPOINT_URL": gateway.aws_endpoint_url,
        "API_PORT": gateway.api_url.rsplit(":", 1)[1],
        "API_SECRET": merchant.credentials["X-Api-Secret"],
    }


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "infra", *words, "--stage", "test"]


def output_of(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        command(*words),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def listener(environment: dict[str, str], merchant: Api) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command("listen", "--merchant", merchant.merchant_id),
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("event", ["payment.captured", "refund.failed", "webhook.test"])
def test_a_triggered_event_occurs_and_its_webhook_is_printed(
    environment: dict[str, str], merchant: Api, event: str
):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        text = output_of(environment, "trigger", event, "--merchant", merchant.merchant_id)
        (delivery,) = receiver.wait_for(event)
    assert delivery.verified
    assert delivery.payment_id in text
    assert f"{event:<18}success" in text


def test_a_listener_prints_triggered_events(
    environment: dict[str, str], merchant: Api, listener: "subprocess.Popen[str]"
):
    assert listener.stdout
    assert "to (no URL)" in listener.stdout.readline()
    assert "No webhook URL" in listener.stdout.readline()
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        output_of(environment, "trigger", "payment.created", "--merchant", merchant.merchant_id)
        events = {listener.stdout.readline().split()[1] for _ in range(2)}
    assert events == {"payment.created", "payment.pending"}


def test_the_doctor_finds_no_fault(environment: dict[str, str]):
    done = subprocess.run(
        command("doctor"),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    for fault in ("money:", "counters:", "contradictions:", "unreadable:"):
        assert fault not in done.stdout
    assert "payments" in done.stdout, done.stderr


def test_the_history_of_a_payment_contains_the_lines_of_the_workers(
    environment: dict[str, str], merchant: Api
):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.paid()
        receiver.wait_for("payment.success", payment_id=payment["id"])
    history = output_of(environment, "logs", "--payment", payment["id"])
    assert f"payments            success, reference={payment['acquirer_reference']}" in history
    of_merchant = f"merchant_id={merchant.merchant_id} "
    assert f"payment-worker      payment settled {of_merchant}payment_id={payment['id']}" in history
    assert f"webhook-worker      webhook attempted {of_merchant}webhook_log_id=" in history


def test_the_doctor_finds_a_resource_that_differs_from_the_template(gateway: LocalGateway):
    aws = Aws(gateway.aws_endpoint_url)
    queue = {"QueueUrl": gateway.stack_outputs["RefundsQueue"]}
    found: list[Finding] = []
    drift = Drift(stage=Stage("test"), aws=aws, report=found.append)
    assert drift.check() == "Resources that differ from the template: 0."
    expected = aws.client("sqs").get_queue_attributes(**queue, AttributeNames=["VisibilityTimeout"])
    aws.client("sqs").set_queue_attributes(**queue, Attributes={"VisibilityTimeout": "7"})
    try:
        assert drift.check() == "Resources that differ from the template: 1."
    finally:
        aws.client("sqs").set_queue_attributes(**queue, Attributes=expected["Attributes"])
    (finding,) = found
    visibility_s = expected["Attributes"]["VisibilityTimeout"]
    assert finding.kind is Kind.DRIFT
    assert finding.message == f"/VisibilityTimeout is 7, expected {visibility_s}"
    assert finding.subject == "RefundsQueue"
