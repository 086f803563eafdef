"""The alarms: what an operator must hear of. They ring in CloudWatch; an action is the operator's to add."""

from typing import Any

from infra.template.names import attribute, physical_name, ref
from infra.template.queues import JOB_QUEUES, RELAY_DEAD_LETTERS, dead_letters_id

MAX_ITERATOR_AGE_MS = 60_000  # how far the relay may fall behind its streams; they forget after 24 h


def resources() -> dict[str, Any]:
    """Every alarm."""
    dead = {RELAY_DEAD_LETTERS: "relay"} | {dead_letters_id(name): name for name in JOB_QUEUES}
    alarms = {f"{id_}Alarm": _dead_letters(id_, name) for id_, name in dead.items()}
    alarms["RelayLagAlarm"] = _alarm(
        "relay-lag",
        "The relay is behind: jobs and webhooks start late",
        namespace="AWS/Lambda",
        metric="IteratorAge",
        dimensions={"FunctionName": ref("Relay")},
        statistic="Maximum",
        threshold=MAX_ITERATOR_AGE_MS,
    )
    alarms["ApiFaultsAlarm"] = _alarm(
        "api-faults",
        "The API answered with 5xx",
        namespace="AWS/ApiGateway",
        metric="5XXError",
        dimensions={"ApiName": {"Fn::Sub": "${AWS::StackName}"}},
        statistic="Sum",
        threshold=0,
    )
    return alarms


def _dead_letters(queue: str, name: str) -> dict[str, Any]:
    return _alarm(
        f"{name}-dead-letters",
        f"A job of {name} failed every time and was set aside",
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
    namespace: str,
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
