"""The CloudWatch dashboard of a stage: payments, the API, queues, webhooks, acquirers and streams."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import PaymentStatus
from chalicelib.metrics import (
    ACQUIRER_FAILURE,
    ACQUIRER_LATENCY,
    FIRST_ATTEMPT_DELAY,
    PAYMENTS,
    STREAM_DELAY,
    WEBHOOK_ATTEMPTS,
    WEBHOOK_SUCCESS,
    AcquirerOutcome,
    AttemptOutcome,
)
from infra.stage import Stage
from infra.template.alarms import HTTP_ACQUIRERS, THROTTLED_METRIC
from infra.template.lambdas import LAMBDAS
from infra.template.names import physical_name
from infra.template.queues import JOB_QUEUES, STREAM_DEAD_LETTERS, dead_letters_id, queue_id
from infra.template.series import Series, of_api, of_filter, of_function, of_gateway, of_queue

OUTCOMES = (PaymentStatus.SUCCESS, PaymentStatus.FAILED)
READERS = tuple(reader.lower() for reader in STREAM_DEAD_LETTERS)
_COLUMNS, _WIDTH, _HEIGHT = 3, 8, 6  # of a dashboard's 24 columns


@dataclass(frozen=True)
class Widget:
    """A graph of several series, by their labels."""

    title: str
    series: dict[str, Series]


def widgets(stage: Stage) -> Sequence[Widget]:
    """The graphs, in rows of three."""
    latency = "Latency"  # of the whole request, in both kinds of API
    dead = [*STREAM_DEAD_LETTERS.values(), *map(dead_letters_id, JOB_QUEUES)]
    return [
        Widget(
            "Payments by method and outcome",
            {
                f"{method} {outcome}": of_gateway(PAYMENTS, "Sum", Method=method, Outcome=outcome)
                for method in PaymentMethod
                for outcome in OUTCOMES
            },
        ),
        Widget(
            "API: requests and errors",
            {
                "requests": of_api(stage, "Count"),
                "4xx": of_api(stage, "4XXError"),
                "5xx": of_api(stage, "5XXError"),
                "429": of_filter(THROTTLED_METRIC),
            },
        ),
        Widget("API: latency, ms", {name: of_api(stage, latency, name) for name in ("p50", "p90", "p99")}),
        Widget(
            "Age of the oldest job, s",
            {name: of_queue(queue_id(name), "ApproximateAgeOfOldestMessage") for name in JOB_QUEUES},
        ),
        Widget(
            "Dead letters",
            {id_: of_queue(id_, "ApproximateNumberOfMessagesVisible") for id_ in dead},
        ),
        Widget(
            "Errors of functions",
            {function.name: of_function(id_, "Errors") for id_, function in LAMBDAS.items()},
        ),
        Widget(
            "Webhook attempts by result",
            {result: of_gateway(WEBHOOK_ATTEMPTS, "Sum", Result=result) for result in AttemptOutcome},
        ),
        Widget("Webhook success rate (1 = all)", {"accepted": of_gateway(WEBHOOK_SUCCESS, "Average")}),
        Widget(
            "From an outcome to its first webhook attempt, s",
            {name: of_gateway(FIRST_ATTEMPT_DELAY, name) for name in ("p50", "p99")},
        ),
        Widget(
            "Acquirers: latency of requests with a result, ms",
            {
                f"{acquirer} {name}": of_gateway(
                    ACQUIRER_LATENCY, name, Acquirer=acquirer, Result=AcquirerOutcome.OK
                )
                for acquirer in HTTP_ACQUIRERS
                for name in ("p50", "p99")
            },
        ),
        Widget(
            "Acquirers: failure rate (1 = all)",
            {name: of_gateway(ACQUIRER_FAILURE, "Average", Acquirer=name) for name in HTTP_ACQUIRERS},
        ),
        Widget(
            "Delay of the streams, s",
            {reader: of_gateway(STREAM_DELAY, "Maximum", Reader=reader) for reader in READERS},
        ),
    ]


def resources(stage: Stage) -> dict[str, Any]:
    """The dashboard. Local stages have none."""
    if stage.is_local:
        return {}
    body = {"widgets": [_placed(index, widget) for index, widget in enumerate(widgets(stage))]}
    return {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": physical_name("gateway"),
                "DashboardBody": {"Fn::Sub": json.dumps(body)},
            },
        }
    }


def _placed(index: int, widget: Widget) -> dict[str, Any]:
    row, column = divmod(index, _COLUMNS)
    return {
        "type": "metric",
        "x": column * _WIDTH,
        "y": row * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": {
            "title": widget.title,
            "region": "${AWS::Region}",
            "period": 60,
            "metrics": [_line(label, series) for label, series in widget.series.items()],
        },
    }


def _line(label: str, series: Series) -> list[Any]:
    """One line of a graph, as the source of a dashboard describes it."""
    dimensions = [part for name, value in series.dimensions.items() for part in (name, _text(value))]
    return [
        _text(series.namespace),
        series.metric,
        *dimensions,
        {"label": label, "stat": series.statistic},
    ]


def _text(value: Any) -> str:
    """The text that ``Fn::Sub`` replaces by a value of CloudFormation."""
    match value:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [id_, attribute]}:
            return f"${{{id_}.{attribute}}}"
        case {"Fn::Sub": str(text)}:
            return text
    return str(value)
