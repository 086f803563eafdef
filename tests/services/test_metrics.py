"""The published metrics: log lines in the embedded metric format, without ids."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.acquirers.exchange import Exchange, UnusableResponseError
from chalicelib.acquirers.transport import NoResponseError, Request, Response
from chalicelib.metrics import METRICS, publish, publisher
from chalicelib.settings import load_settings
from chalicelib.webhooks.http import DeliveryError
from chalicelib.workers.streams import relay_changes
from tests.cloud import CREDENTIALS, ENVIRONMENT, Cloud, resources
from tests.services.shop import paid, pay, send_test, set_url

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """A function that returns the published lines."""
    text = io.StringIO()
    monkeypatch.setattr(publisher, "namespace", "payment-gateway-test")
    monkeypatch.setattr(publisher.handler, "stream", text)
    return lambda: [json.loads(line) for line in text.getvalue().splitlines()]


def of(lines: Lines, name: str) -> list[dict[str, Any]]:
    """The published values of a metric with their dimensions."""
    return [{key: value for key, value in line.items() if key != "_aws"} for line in lines() if name in line]


def test_a_line_describes_its_metric_as_cloudwatch_reads_it(lines: Lines, cloud: Cloud):
    payment = paid(cloud)
    assert payment.settled_at
    (line,) = [line for line in lines() if "Payments" in line]
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described == {
        "Namespace": "payment-gateway-test",
        "Dimensions": [["Method", "Outcome"]],
        "Metrics": [{"Name": "Payments", "Unit": "Count"}],
    }
    assert line["_aws"]["Timestamp"] == round(payment.settled_at.timestamp() * 1000)
    assert line["Payments"] == 1


def test_a_payment_is_counted_once_by_method_and_outcome(lines: Lines, cloud: Cloud):
    paid(cloud)
    cloud.acquirer.approves = False
    payment = pay(cloud)
    job = cloud.payment_job(cloud.payment_changes())
    cloud.time.shift(15)
    for _ in range(2):  # the message is delivered twice
        cloud.gateway.payments.process(job)
    assert cloud.gateway.payments.get(payment.id).settled_at
    assert of(lines, "Payments") == [
        {"Method": "upi", "Outcome": "success", "Payments": 1},
        {"Method": "upi", "Outcome": "failed", "Payments": 1},
    ]


def test_attempts_are_counted_by_result_and_the_first_one_of_an_outcome_is_timed(lines: Lines, cloud: Cloud):
    set_url(cloud)
    cloud.sender.script = [200, 200, 500, DeliveryError("connection refused")]
    paid(cloud)
    cloud.run(for_s=600)
    results = [one["Result"] for one in of(lines, "WebhookAttempts")]
    assert results == ["accepted", "accepted", "refused", "no_response", "accepted"]
    assert [one["WebhookSuccess"] for one in of(lines, "WebhookSuccess")] == [1, 1, 0, 0, 1]
    (delay,) = of(lines, "FirstAttemptDelay")
    assert delay["FirstAttemptDelay"] == 0


def test_an_attempt_without_a_request_is_counted_separately(lines: Lines, cloud: Cloud):
    set_url(cloud)
    send_test(cloud)
    set_url(cloud, None)
    cloud.run()
    assert [one["Result"] for one in of(lines, "WebhookAttempts")] == ["not_sent"]
    assert of(lines, "WebhookSuccess") == []


def test_stream_readers_publish_the_age_of_their_oldest_record(lines: Lines, cloud: Cloud):
    pay(cloud)
    records = cloud.payment_changes()
    cloud.time.shift(7)
    assert relay_changes(cloud.gateway, records) == {"batchItemFailures": []}
    (delay,) = of(lines, "StreamDelay")
    assert delay["Reader"] == "relay"
    written_at = records[0]["dynamodb"]["ApproximateCreationDateTime"]
    assert delay["StreamDelay"] == cloud.gateway.clock().timestamp() - written_at


@pytest.mark.parametrize("record", [{}, {"dynamodb": {}}, {"dynamodb": {"ApproximateCreationDateTime": "x"}}])
def test_a_record_without_a_time_is_a_dead_letter_and_no_failure(
    lines: Lines, cloud: Cloud, record: dict[str, Any]
):
    assert relay_changes(cloud.gateway, [record]) == {"batchItemFailures": []}
    assert len(cloud.messages(cloud.gateway.settings.stream_dead_letters.relay)) == 1
    assert lines() == []


class Scripted:
    """A transport that returns a response with the status, or none."""

    def __init__(self, status: int | None) -> None:
        self.status = status

    def send(self, _request: Request) -> Response:
        if self.status is None:
            raise NoResponseError
        return Response(status=self.status, headers={}, body=b"")


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, "2xx"),
        (404, "4xx"),
        (503, "5xx"),
        (302, "other"),
        (None, "no_response"),
    ],
)
def test_a_request_to_an_acquirer_is_timed_by_its_result(lines: Lines, status: int | None, result: str):
    exchange = Exchange(acquirer="stripe", transport=Scripted(status), id_header="request-id")
    try:
        exchange.send(Request(method="GET", url="https://api.example"))
    except (NoResponseError, UnusableResponseError):
        assert result in {"5xx", "no_response"}
    (one,) = of(lines, "AcquirerLatency")
    assert (one["Acquirer"], one["Result"]) == ("stripe", result)
    assert one["AcquirerLatency"] >= 0
    (rate,) = of(lines, "AcquirerFailure")
    assert rate == {"Acquirer": "stripe", "AcquirerFailure": int(result in {"5xx", "no_response"})}


def test_lines_contain_only_the_dimensions_and_the_value(lines: Lines, cloud: Cloud):
    set_url(cloud)
    paid(cloud)
    known = {metric.name: {*metric.dimensions, metric.name, "_aws"} for metric in METRICS}
    for line in lines():
        ((name),) = known.keys() & line.keys()
        assert line.keys() == known[name]


def test_a_missing_dimension_is_a_bug():
    with pytest.raises(AssertionError):
        publish(METRICS[0], 1, Method="upi")


def test_local_stages_publish_nothing():
    def settings(stage: str) -> str:
        return load_settings(CREDENTIALS | resources() | ENVIRONMENT | {"STAGE": stage}).metrics_namespace

    assert settings("test") == ""
    assert settings("dev") == settings("prod") == "test"
