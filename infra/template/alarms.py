"""The CloudWatch alarms. Each notifies the topic of the stage. Local stages have only the first ones."""

import json
from collections.abc import Iterator
from typing import Any

from chalicelib.acquirers import razorpay, stripe
from chalicelib.acquirers.base import ATTENTION
from chalicelib.metrics import ACQUIRER_FAILURE, WEBHOOK_SUCCESS
from chalicelib.services.audit import NOT_WRITTEN
from infra.stage import Stage
from infra.template.access_logs import throttled_filter
from infra.template.alarm import Alarm
from infra.template.functions import log_group_id
from infra.template.kept_logs import AUDITED_FUNCTION
from infra.template.lambdas import LAMBDAS
from infra.template.names import logical_id, ref
from infra.template.notifications import actions
from infra.template.queues import JOB_QUEUES, STREAM_DEAD_LETTERS, dead_letters_id, queue_id
from infra.template.series import NAMESPACE, of_api, of_filter, of_function, of_gateway, of_queue

MAX_ITERATOR_AGE_MS = 60_000  # delay of a stream reader that raises the alarm; streams keep records for 24 h

# A job can be delayed by 900 s, and then be received again three times after a visibility timeout of 180 s.
MAX_JOB_AGE_S = 1_800

# A function handles all errors of jobs and requests. The errors that remain are time-outs, crashes and
# outages of AWS; one is repaired by a redelivery, but three in five minutes are not.
FAILING_MINUTES, OF_MINUTES = 3, 5

# A client that waits for Retry-After, one second, stays below one 429 per second.
MAX_THROTTLED_PER_5_MIN = 300

# One endpoint that fails is its merchant's concern, and is disabled after days. If half of all attempts fail,
# the cause is more likely here. Fewer attempts than 20 in 5 minutes can be those of one endpoint.
MIN_WEBHOOK_SUCCESS_PERCENT, MIN_WEBHOOK_ATTEMPTS, WEBHOOK_PERIODS = 50, 20, 3

# Requests without a result leave payments open. The limit is that of an acquirer that is down, not busy.
MAX_ACQUIRER_FAILURE_PERCENT, MIN_ACQUIRER_REQUESTS = 50, 10
HTTP_ACQUIRERS = (stripe.STRIPE, razorpay.RAZORPAY)

FIVE_MINUTES_S = 300

# The functions that send requests to acquirers. The others cannot log the message.
FUNCTIONS_WITH_ACQUIRERS = ("APIHandler", "PaymentWorker", "RefundWorker")
ATTENTION_METRIC = "AcquirerNeedsAttention"
NOT_WRITTEN_METRIC = "AuditEventsNotWritten"
THROTTLED_METRIC = "ThrottledRequests"


def resources(stage: Stage) -> dict[str, Any]:
    """Every alarm, and the filters that count log entries, which emulators do not evaluate."""
    alarms = _always(stage) if stage.is_local else {**_always(stage), **_on_aws()}
    template = {f"{id_}Alarm": alarm.resource(actions(stage)) for id_, alarm in alarms.items()}
    if stage.is_local:
        return template
    for id_ in FUNCTIONS_WITH_ACQUIRERS:
        template[f"{id_}AttentionFilter"] = _message_filter(id_, ATTENTION, ATTENTION_METRIC)
    template["AuditFilter"] = _message_filter(AUDITED_FUNCTION, NOT_WRITTEN, NOT_WRITTEN_METRIC)
    template["ThrottledFilter"] = throttled_filter(NAMESPACE, THROTTLED_METRIC)
    return template


def _always(stage: Stage) -> dict[str, Alarm]:
    dead = {id_: reader.lower() for reader, id_ in STREAM_DEAD_LETTERS.items()}
    dead |= {dead_letters_id(name): name for name in JOB_QUEUES}
    return {
        **{id_: _dead_letters(id_, name) for id_, name in dead.items()},
        "RelayLag": _lag("Relay", "jobs and webhooks"),
        "RecorderLag": _lag("Recorder", "events and statistics"),
        "ApiFaults": Alarm(
            name="api-faults",
            description="The API returned a 5xx response",
            measured=of_api(stage, "5XXError"),
            threshold=0,
        ),
        "AcquirerAttention": Alarm(
            name="acquirer-attention",
            description="An acquirer refuses a merchant's account, or its responses are not as documented",
            measured=of_filter(ATTENTION_METRIC),
            threshold=0,
        ),
    }


def _on_aws() -> dict[str, Alarm]:
    return {
        **{f"{logical_id(name)}Age": _age(name) for name in JOB_QUEUES},
        **dict(_of_functions()),
        **{f"{logical_id(name)}Failures": _failures(name) for name in HTTP_ACQUIRERS},
        "ApiThrottled": Alarm(
            name="api-throttled",
            description="The API returned more than one 429 response per second for five minutes",
            measured=of_filter(THROTTLED_METRIC),
            threshold=MAX_THROTTLED_PER_5_MIN,
            period_s=FIVE_MINUTES_S,
        ),
        "WebhookSuccess": Alarm(
            name="webhook-success",
            description="Less than half of all webhook attempts were accepted for 15 minutes",
            expression=f"IF(number >= {MIN_WEBHOOK_ATTEMPTS}, 100 * rate, 100)",
            terms={
                "number": of_gateway(WEBHOOK_SUCCESS, "SampleCount"),
                "rate": of_gateway(WEBHOOK_SUCCESS, "Average"),
            },
            threshold=MIN_WEBHOOK_SUCCESS_PERCENT,
            is_minimum=True,
            period_s=FIVE_MINUTES_S,
            periods=WEBHOOK_PERIODS,
            of_periods=WEBHOOK_PERIODS,
        ),
        "AuditNotWritten": Alarm(
            name="audit-not-written",
            description="An audit event was not written; the log of the API contains it",
            measured=of_filter(NOT_WRITTEN_METRIC),
            threshold=0,
        ),
    }


def _of_functions() -> Iterator[tuple[str, Alarm]]:
    for id_, function in LAMBDAS.items():
        for metric, what in (("Errors", "failed"), ("Throttles", "was throttled")):
            yield (
                f"{id_}{metric}",
                Alarm(
                    name=f"{function.name}-{metric.lower()}",
                    description=f"The function {function.name} {what} in three of five minutes",
                    measured=of_function(id_, metric),
                    threshold=0,
                    periods=FAILING_MINUTES,
                    of_periods=OF_MINUTES,
                ),
            )


def _age(queue: str) -> Alarm:
    return Alarm(
        name=f"{queue.replace('_', '-')}-age",
        description=f"A job of {queue} has waited for more than half an hour",
        measured=of_queue(queue_id(queue), "ApproximateAgeOfOldestMessage"),
        threshold=MAX_JOB_AGE_S,
    )


def _failures(acquirer: str) -> Alarm:
    return Alarm(
        name=f"{acquirer}-failures",
        description=f"More than half of the requests to {acquirer} had no response or 5xx",
        expression=f"IF(number >= {MIN_ACQUIRER_REQUESTS}, 100 * rate, 0)",
        terms={
            "number": of_gateway(ACQUIRER_FAILURE, "SampleCount", Acquirer=acquirer),
            "rate": of_gateway(ACQUIRER_FAILURE, "Average", Acquirer=acquirer),
        },
        threshold=MAX_ACQUIRER_FAILURE_PERCENT,
        period_s=FIVE_MINUTES_S,
    )


def _lag(reader: str, delayed: str) -> Alarm:
    return Alarm(
        name=f"{reader.lower()}-lag",
        description=f"The {reader.lower()} is more than a minute behind a stream: {delayed} are delayed",
        measured=of_function(reader, "IteratorAge", "Maximum"),
        threshold=MAX_ITERATOR_AGE_MS,
    )


def _dead_letters(queue: str, name: str) -> Alarm:
    return Alarm(
        name=f"{name}-dead-letters",
        description=f"The dead-letter queue of {name} is not empty",
        measured=of_queue(queue, "ApproximateNumberOfMessagesVisible"),
        threshold=0,
    )


def _message_filter(function_id: str, message: str, metric: str) -> dict[str, Any]:
    """Counts the log entries of a function with the message. Functions can share a metric."""
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": ref(log_group_id(function_id)),
            "FilterPattern": f"{{ $.message = {json.dumps(message)} }}",
            "MetricTransformations": [
                {"MetricNamespace": NAMESPACE, "MetricName": metric, "MetricValue": "1"}
            ],
        },
    }
