"""The CloudWatch alarms. They have no action; the operator adds one."""

import json
from typing import Any

from chalicelib.acquirers.base import ATTENTION
from infra.stage import Api, Stage
from infra.template.api import API_IDS
from infra.template.functions import log_group_id
from infra.template.names import attribute, physical_name, ref
from infra.template.queues import JOB_QUEUES, STREAM_DEAD_LETTERS, dead_letters_id

MAX_ITERATOR_AGE_MS = 60_000  # delay of a stream reader that raises the alarm; streams keep records for 24 h


# The functions that send requests to acquirers. The others cannot log the message.
FUNCTIONS_WITH_ACQUIRERS = ("APIHandler", "PaymentWorker", "RefundWorker")
_NAMESPACE = {"Ref": "AWS::StackName"}
_ATTENTION_METRIC = "AcquirerNeedsAttention"


def resources(stage: Stage) -> dict[str, Any]:
    """Every alarm, and the filters that count log entries, which emulators do not evaluate."""
    dead = {id_: reader.lower() for reader, id_ in STREAM_DEAD_LETTERS.items()}
    dead |= {dead_letters_id(name): name for name in JOB_QUEUES}
    alarms = {f"{id_}Alarm": _dead_letters(id_, name) for id_, name in dead.items()}
    alarms["RelayLagAlarm"] = _lag("Relay", "jobs and webhooks")
    alarms["RecorderLagAlarm"] = _lag("Recorder", "events and statistics")
    alarms["ApiFaultsAlarm"] = _alarm(
        "api-faults",
        "The API returned a 5xx response",
        namespace="AWS/ApiGateway",
        metric="5xx" if stage.api is Api.HTTP else "5XXError",
        dimensions=_api_dimensions(stage),
        statistic="Sum",
        threshold=0,
    )
    alarms["AcquirerAttentionAlarm"] = _alarm(
        "acquirer-attention",
        "An acquirer refuses a merchant's account, or its responses are not as documented",
        namespace=_NAMESPACE,
        metric=_ATTENTION_METRIC,
        dimensions={},
        statistic="Sum",
        threshold=0,
    )
    if stage.is_local:
        return alarms
    filters = {f"{id_}AttentionFilter": _attention_filter(id_) for id_ in FUNCTIONS_WITH_ACQUIRERS}
    return alarms | filters


def _api_dimensions(stage: Stage) -> dict[str, Any]:
    """An HTTP API has metrics by id, a REST API by name."""
    return (
        {"ApiId": ref(API_IDS[Api.HTTP])}
        if stage.api is Api.HTTP
        else {"ApiName": {"Fn::Sub": "${AWS::StackName}"}}
    )


def _attention_filter(function_id: str) -> dict[str, Any]:
    """Counts the log entries with the message ATTENTION. All functions have one metric."""
    return {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": ref(log_group_id(function_id)),
            "FilterPattern": f"{{ $.message = {json.dumps(ATTENTION)} }}",
            "MetricTransformations": [
                {"MetricNamespace": _NAMESPACE, "MetricName": _ATTENTION_METRIC, "MetricValue": "1"}
            ],
        },
    }


def _lag(reader: str, delayed: str) -> dict[str, Any]:
    return _alarm(
        f"{reader.lower()}-lag",
        f"The {reader.lower()} is more than a minute behind a stream: {delayed} are delayed",
        namespace="AWS/Lambda",
        metric="IteratorAge",
        dimensions={"FunctionName": ref(reader)},
        statistic="Maximum",
        threshold=MAX_ITERATOR_AGE_MS,
    )


def _dead_letters(queue: str, name: str) -> dict[str, Any]:
    return _alarm(
        f"{name}-dead-letters",
        f"The dead-letter queue of {name} is not empty",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": attribute(queue, "QueueName")},
        statistic="Maximum",
        threshold=0,
    )


def _alarm(
    name: str,
    description: str,
    *,
    namespace: str | dict[str, str],
    metric: str,
    dimensions: dict[str, Any],
    statistic: str,
    threshold: int,
) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": physical_name(name),
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            "Statistic": statistic,
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    }
