"""The functions' names, roles, log groups, environment variables and event sources."""

import json
from typing import Any

from chalicelib.domain.webhook_log import WebhookStatus
from infra.sites import CHECKOUT
from infra.stage import Stage
from infra.template import api, edge, kept_logs, queues, tables
from infra.template.lambdas import LAMBDAS, Lambda
from infra.template.names import arn, attribute, physical_name, ref
from infra.template.roles import role_id

LOG_RETENTION_DAYS = 30

# Locally, every concurrent execution is a separate process: about 50 MB, and one second to start.
LOCAL_CONCURRENCY = {
    "APIHandler": 8,
    "Relay": 2,
    "Recorder": 1,
    "PaymentWorker": 2,
    "RefundWorker": 2,
    "WebhookWorker": 4,
    "SlowWebhookWorker": 2,
}

# The functions send a record that they cannot read to the dead-letter queue. After any other error, such as
# an outage, Lambda retries until the record expires, 24 h after the write. It splits a batch that fails.
STREAM_RETRIES_UNTIL_EXPIRY = -1
STREAM_BATCH_SIZE = 100

# Per shard; the changes of one row stay in order. Concurrent batches of the recorder would share feeds.
STREAM_PARALLEL_BATCHES = {"Relay": 10, "Recorder": 1}

# The relay is invoked immediately. The recorder waits, so that a transaction contains several events.
STREAM_WINDOW_S = {"Relay": 0, "Recorder": 2}

# The functions that need the API's address, unless the operator sets API_URL. The API's own function cannot
# have it: API and function would refer to each other.
NEED_API_URL = ("PaymentWorker",)

# Lambda does not invoke a function for records that match none of the patterns. TTL deletes rows, which has
# no effects.
_CHANGES: list[dict[str, Any]] = [{"eventName": ["INSERT", "MODIFY"]}]


def _changed_log(counter: str) -> dict[str, Any]:
    """A changed webhook log that waits for an attempt, and whose ``counter`` is not 0."""
    image = {"status": {"S": [WebhookStatus.PENDING]}, counter: {"N": [{"anything-but": ["0"]}]}}
    return {"eventName": ["MODIFY"], "dynamodb": {"NewImage": image}}


# A changed log has a job only if it waits for another attempt than before. The two changes of a webhook that
# is delivered at the first attempt, its claim and its result, do not match.
WEBHOOK_LOG_PATTERNS = [{"eventName": ["INSERT"]}, _changed_log("attempts"), _changed_log("round")]

# The event sources of each stream reader, by their name in Chalice's template: a table and its patterns.
STREAM_SOURCES = {
    "Relay": {
        "RelayDynamodbEventSource": ("payments", _CHANGES),
        "RelayWebhookLogsEventSource": ("webhook_logs", WEBHOOK_LOG_PATTERNS),
    },
    "Recorder": {"RecorderDynamodbEventSource": ("payments", _CHANGES)},
}


def resources(stage: Stage) -> dict[str, Any]:
    """Properties to merge into Chalice's functions, and their log groups."""
    template: dict[str, Any] = {}
    for id_, function in LAMBDAS.items():
        template[log_group_id(id_)] = _log_group(function)
        template[id_] = {"Properties": _properties(id_, function, stage)}
    for name, reader in queues.JOB_QUEUES.items():
        template[reader]["Properties"]["Events"] = {
            f"{reader}SqsEventSource": _queue_source(name, reader, stage)
        }
    for reader, sources in STREAM_SOURCES.items():
        template[reader]["Properties"]["Events"] = {
            id_: _stream_source(reader, table, patterns) for id_, (table, patterns) in sources.items()
        }
    return template


def log_group_id(function_id: str) -> str:
    """The logical id of a function's log group."""
    return f"{function_id}LogGroup"


def environment(stage: Stage) -> dict[str, Any]:
    """The environment variables of every function: strings, or references that CloudFormation resolves."""
    variables = {"STAGE": stage.name, **tables.environment(), **queues.environment(), **stage.variables}
    if stage.is_local:
        variables["WEBHOOK_ALLOW_PRIVATE_ADDRESSES"] = "true"
    return variables


def reserved_concurrency(stage: Stage) -> dict[str, int]:
    """The reserved concurrency by function. It is also the function's limit."""
    if stage.is_local:
        return LOCAL_CONCURRENCY
    reserved = {"APIHandler": stage.capacity.api, "Relay": stage.capacity.stream}
    return {id_: number for id_, number in reserved.items() if number}


def _own_variables(id_: str, stage: Stage) -> dict[str, Any]:
    """The environment variables that only some functions have."""
    url = edge.address(CHECKOUT, stage) if stage.edge.is_cloudfront else api.url(stage)
    api_url = {"API_URL": {"Fn::Sub": url}} if id_ in NEED_API_URL else {}
    return api_url | (kept_logs.environment(stage) if id_ == kept_logs.AUDITED_FUNCTION else {})


def _properties(id_: str, function: Lambda, stage: Stage) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "FunctionName": physical_name(function.name),
        "Handler": f"chalicelib.functions.{function.handler}.handler",
        "Role": arn(role_id(id_)),
        "LoggingConfig": {"LogGroup": ref(log_group_id(id_))},
        "Environment": {"Variables": {**_own_variables(id_, stage), **environment(stage)}},
    }
    if stage.is_traced:
        properties["Tracing"] = "Active"
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
    """Limit the concurrency: excess messages stay in the queue, and throttling uses no receives."""
    maximum = max(2, LOCAL_CONCURRENCY[reader]) if stage.is_local else stage.capacity.worker
    return {
        "Type": "SQS",
        "Properties": {
            "Queue": arn(queues.queue_id(name)),
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": maximum},
        },
    }


def _stream_source(reader: str, table: str, patterns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Type": "DynamoDB",
        "Properties": {
            "Stream": attribute(tables.table_id(table), "StreamArn"),
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": STREAM_BATCH_SIZE,
            "MaximumBatchingWindowInSeconds": STREAM_WINDOW_S[reader],
            "ParallelizationFactor": STREAM_PARALLEL_BATCHES[reader],
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": STREAM_RETRIES_UNTIL_EXPIRY,
            "MaximumRecordAgeInSeconds": STREAM_RETRIES_UNTIL_EXPIRY,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": arn(queues.STREAM_DEAD_LETTERS[reader])}
            },
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]},
        },
    }
