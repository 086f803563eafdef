"""What each function gets beside its code: a name, a role, logs, an environment and its event sources."""

import json
from typing import Any

from infra.stage import Stage
from infra.template import queues, tables
from infra.template.lambdas import LAMBDAS, Lambda
from infra.template.names import arn, attribute, physical_name, ref
from infra.template.roles import role_id

LOG_RETENTION_DAYS = 30

# On one machine every concurrent invocation is a process of its own: about 50 MB, a second to start.
LOCAL_CONCURRENCY = {"APIHandler": 8, "Relay": 2, "PaymentWorker": 2, "RefundWorker": 2, "WebhookWorker": 4}

# A batch that goes on failing is cut in halves until the record at fault is alone, and that one is
# set aside: a stream's shard stands still meanwhile, and its records live for 24 h.
STREAM_MAX_RETRIES = 20
STREAM_MAX_AGE_S = 6 * 3600
STREAM_BATCH_SIZE = 100
STREAM_PARALLEL_BATCHES = 10  # a shard; the changes of one row stay in order

# For each stream reader its event sources, by the names that Chalice gives them: a table and its changes.
STREAM_SOURCES = {
    "Relay": {
        "RelayDynamodbEventSource": ("payments", "INSERT", "MODIFY"),
        "RelayOrdersEventSource": ("orders", "INSERT"),
        "RelayRefundsEventSource": ("refunds", "INSERT", "MODIFY"),
        "RelayWebhookLogsEventSource": ("webhook_logs", "INSERT", "MODIFY", "REMOVE"),
    },
}


def resources(stage: Stage) -> dict[str, Any]:
    """What is laid over every function, and its log group."""
    made: dict[str, Any] = {}
    for id_, function in LAMBDAS.items():
        made[log_group_id(id_)] = _log_group(function)
        made[id_] = {"Properties": _properties(id_, function, stage)}
    for name, reader in queues.JOB_QUEUES.items():
        made[reader]["Properties"]["Events"] = {f"{reader}SqsEventSource": _queue_source(name, reader, stage)}
    for reader, sources in STREAM_SOURCES.items():
        made[reader]["Properties"]["Events"] = {
            event: _stream_source(table, *changes) for event, (table, *changes) in sources.items()
        }
    return made


def log_group_id(function_id: str) -> str:
    """The logical id of a function's log group."""
    return f"{function_id}LogGroup"


def environment(stage: Stage) -> dict[str, Any]:
    """The variables of every function: text, or a reference that CloudFormation resolves."""
    variables = {"STAGE": stage.name, **tables.environment(), **queues.environment(), **stage.variables}
    if stage.is_local:
        variables["WEBHOOK_ALLOW_PRIVATE_ADDRESSES"] = "true"
    return variables


def reserved_concurrency(stage: Stage) -> dict[str, int]:
    """What is reserved for which function, and is its limit too."""
    if stage.is_local:
        return LOCAL_CONCURRENCY
    reserved = dict.fromkeys(STREAM_SOURCES, stage.capacity.stream) | {"APIHandler": stage.capacity.api}
    return {id_: number for id_, number in reserved.items() if number}


def _properties(id_: str, function: Lambda, stage: Stage) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "FunctionName": physical_name(function.name),
        "Role": arn(role_id(id_)),
        "LoggingConfig": {"LogGroup": ref(log_group_id(id_))},
        "Environment": {"Variables": environment(stage)},
    }
    if reserved := reserved_concurrency(stage).get(id_):
        properties["ReservedConcurrentExecutions"] = reserved
    return properties


def _log_group(function: Lambda) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": {"Fn::Sub": "/aws/lambda/${AWS::StackName}-" + function.name},
            "RetentionInDays": LOG_RETENTION_DAYS,
        },
    }


def _queue_source(name: str, reader: str, stage: Stage) -> dict[str, Any]:
    """The limit leaves further messages in the queue; a throttled function would use up their receives."""
    at_once = max(2, LOCAL_CONCURRENCY[reader]) if stage.is_local else stage.capacity.worker
    return {
        "Type": "SQS",
        "Properties": {
            "Queue": arn(queues.queue_id(name)),
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": at_once},
        },
    }


def _stream_source(table: str, *changes: str) -> dict[str, Any]:
    return {
        "Type": "DynamoDB",
        "Properties": {
            "Stream": attribute(tables.table_id(table), "StreamArn"),
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": STREAM_BATCH_SIZE,
            "ParallelizationFactor": STREAM_PARALLEL_BATCHES,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": STREAM_MAX_RETRIES,
            "MaximumRecordAgeInSeconds": STREAM_MAX_AGE_S,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": arn(queues.RELAY_DEAD_LETTERS)}
            },
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"eventName": changes})}]},
        },
    }
