"""The metrics of the gateway, published as log lines in CloudWatch's embedded metric format (EMF).

CloudWatch reads the lines from the functions' logs: no requests are sent. Dimensions never contain ids: each
combination of their values is a metric with a price. The lines do not depend on LOG_LEVEL, because alarms
depend on the metrics.
"""

import json
import logging
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Unit(StrEnum):
    """Units of CloudWatch."""

    COUNT = "Count"
    NONE = "None"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"


@dataclass(frozen=True)
class Metric:
    """A metric with the names of its dimensions."""

    name: str
    unit: Unit
    dimensions: tuple[str, ...] = ()


class AttemptOutcome(StrEnum):
    """The result of a webhook attempt: a 2xx status, another status, no response, or no request."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_RESPONSE = "no_response"
    NOT_SENT = "not_sent"


class AcquirerOutcome(StrEnum):
    """The result of a request to an acquirer."""

    OK = "2xx"
    REFUSED = "4xx"
    FAILED = "5xx"
    OTHER = "other"
    NO_RESPONSE = "no_response"

    @classmethod
    def of_status(cls, status: int) -> "AcquirerOutcome":
        """The result of a response."""
        return {2: cls.OK, 4: cls.REFUSED, 5: cls.FAILED}.get(status // 100, cls.OTHER)


PAYMENTS = Metric("Payments", Unit.COUNT, ("Method", "Outcome"))
FIRST_ATTEMPT_DELAY = Metric("FirstAttemptDelay", Unit.SECONDS)
WEBHOOK_ATTEMPTS = Metric("WebhookAttempts", Unit.COUNT, ("Result",))
WEBHOOK_SUCCESS = Metric("WebhookSuccess", Unit.NONE)
"""1 for an accepted attempt, 0 for any other that sent a request: the average is the success rate."""

STREAM_DELAY = Metric("StreamDelay", Unit.SECONDS, ("Reader",))
ACQUIRER_LATENCY = Metric("AcquirerLatency", Unit.MILLISECONDS, ("Acquirer", "Result"))
"""Its number of samples is the number of requests."""

ACQUIRER_FAILURE = Metric("AcquirerFailure", Unit.NONE, ("Acquirer",))
"""1 for a request without a response or with 5xx, 0 for any other: the average is the failure rate."""

METRICS = (
    PAYMENTS,
    FIRST_ATTEMPT_DELAY,
    WEBHOOK_ATTEMPTS,
    WEBHOOK_SUCCESS,
    STREAM_DELAY,
    ACQUIRER_LATENCY,
    ACQUIRER_FAILURE,
)


class _Publisher:
    """Writes the lines of one process, whole lines even from several threads."""

    def __init__(self) -> None:
        self.namespace = ""  # of the metrics; empty: nothing is published
        self.handler = logging.StreamHandler(sys.stdout)

    def write(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, separators=(",", ":"))
        self.handler.handle(logging.makeLogRecord({"msg": text}))


publisher = _Publisher()


def publish(metric: Metric, value: float, **dimensions: str) -> None:
    """Publish one value, unless the process has no namespace. ``dimensions``: a value for each dimension."""
    assert dimensions.keys() == set(metric.dimensions), metric  # noqa: S101 - a bug in the code
    if not publisher.namespace:
        return
    described = {
        "Namespace": publisher.namespace,
        "Dimensions": [list(metric.dimensions)],
        "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
    }
    emf = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [described]}
    publisher.write({"_aws": emf, **dimensions, metric.name: value})
