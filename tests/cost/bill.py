"""The dollars of a million payments, and of a month without any, by service."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.stage import Stage
from infra.template import alarms, queues
from infra.template.lambdas import LAMBDAS
from tests.cost import journey
from tests.cost.meter import Meter
from tests.cost.processor import Effort

MILLION = 1_000_000
GOALS = {"rest": 40, "http": 32, "idle": 0}
"""Dollars of a million payments with each kind of API, and of a month without payments."""

PRICES: Mapping[str, Any] = json.loads((Path(__file__).parent / "prices.json").read_text())
_DOLLARS: Mapping[str, float] = PRICES["dollars"]

API_STEPS = frozenset({journey.CREATE_ORDER, journey.CREATE_PAYMENT, journey.POLL})
FUNCTIONS = dict.fromkeys(API_STEPS, "APIHandler") | {
    journey.RELAY: "Relay",
    journey.RELAY_LOGS: "Relay",
    journey.RECORD: "Recorder",
    journey.SETTLE: "PaymentWorker",
    journey.DELIVER: "WebhookWorker",
}
"""The function that does the work of each step."""

VCPU_MB = 1_769  # Lambda gives one processor to a function with this memory, and less in proportion
AWS_REQUEST_MS = 5  # assumed: DynamoDB answers in a few milliseconds
WAITS_MS = {journey.SETTLE: 200, journey.DELIVER: 100}
"""Assumed: the durations of the requests to an acquirer, and of the slowest webhook of a batch."""

PLATFORM_LOG_BYTES = 280  # Lambda's lines START, END and REPORT of one invocation
# Lambda polls a queue without messages with 5 requests at a time, each of which waits for 20 seconds.
IDLE_REQUESTS_PER_QUEUE = 5 * 30 * 24 * 3_600 // 20


@dataclass(frozen=True)
class Line:
    """One line of a bill: the quantity of a payment, and the dollars of a million; or those of a month."""

    service: str
    quantity: float
    unit: str
    dollars: float


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one payment uses."""

    write_units: int
    read_units: float
    invocations: int
    gb_s: float
    api_requests: int
    sqs_requests: int
    fair_requests: int
    log_bytes: int
    internet_bytes: int

    @classmethod
    def of(cls, meter: Meter, efforts: Mapping[str, Effort]) -> "Usage":
        """The sums of the steps. Lambda receives and deletes the jobs of an invocation with two requests."""
        invocations = sum(one.invocations for one in efforts.values())
        sent = [one for one in meter.of_steps() if one.service == "sqs"]
        fair = [one for one in sent if any("MessageGroupId" in entry for entry in one.parameters["Entries"])]
        delivering = 2 * efforts[journey.DELIVER].invocations
        return cls(
            write_units=sum(meter.write_units().values()),
            read_units=meter.read_units(),
            invocations=invocations,
            gb_s=sum(_gb_s(step, meter, one) for step, one in efforts.items()),
            api_requests=sum(efforts[step].invocations for step in API_STEPS),
            sqs_requests=len(sent) - len(fair) + 2 * efforts[journey.SETTLE].invocations,
            fair_requests=len(fair) + delivering,
            log_bytes=sum(one.log_bytes for one in efforts.values()) + PLATFORM_LOG_BYTES * invocations,
            internet_bytes=journey.INTERNET_BYTES,
        )

    def lines(self, api: str) -> list[Line]:
        """The dollars of a million payments, with an API of the kind ``api``: rest or http."""
        return [
            _line("DynamoDB writes", self.write_units, "units", "dynamodb_million_write_units"),
            _line("DynamoDB reads", self.read_units, "units", "dynamodb_million_read_units"),
            _line("Lambda duration", self.gb_s, "GB-seconds", "lambda_arm64_gb_s", of=MILLION),
            _line("Lambda requests", self.invocations, "requests", "lambda_million_requests"),
            _line("SQS", self.sqs_requests, "requests", "sqs_million_standard_requests"),
            _line("SQS, fair queues", self.fair_requests, "requests", "sqs_million_fair_requests"),
            _line(
                f"API Gateway, {api.upper()}",
                self.api_requests,
                "requests",
                f"api_gateway_million_{api}_requests",
            ),
            _line("CloudWatch Logs", self.log_bytes / 1_000, "KB", "cloudwatch_logs_gb"),
            _line("data transfer", self.internet_bytes / 1_000, "KB", "internet_gb"),
        ]


def idle_month() -> list[Line]:
    """The dollars of a month in which nothing happens, without stored data."""
    template = alarms.resources(Stage("prod"))
    count = sum(1 for one in template.values() if one["Type"] == "AWS::CloudWatch::Alarm")
    polls = IDLE_REQUESTS_PER_QUEUE * len(queues.JOB_QUEUES)
    return [
        Line(
            "SQS, polls by Lambda",
            polls,
            "requests",
            polls / MILLION * _DOLLARS["sqs_million_standard_requests"],
        ),
        Line("CloudWatch alarms", count, "alarms", count * _DOLLARS["cloudwatch_alarm_month"]),
    ]


def dollars(lines: Iterable[Line]) -> float:
    """The sum of the lines."""
    return sum(line.dollars for line in lines)


def _line(service: str, quantity: float, unit: str, price: str, *, of: int = 1) -> Line:
    """The line of ``quantity`` per payment. A price is for one of its units, or for a million (``of``: 1)."""
    return Line(service, quantity, unit, quantity * of * _DOLLARS[price])


def _gb_s(step: str, meter: Meter, effort: Effort) -> float:
    """The memory of the function, multiplied by its duration: processor time and waiting for responses."""
    memory_mb = LAMBDAS[FUNCTIONS[step]].memory_mb
    waits_ms = AWS_REQUEST_MS * len(meter.of_steps(step)) + effort.invocations * WAITS_MS.get(step, 0)
    duration_ms = effort.cpu_ms * max(1, VCPU_MB / memory_mb) + waits_ms
    return duration_ms / 1_000 * memory_mb / 1_024
