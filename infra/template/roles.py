"""One IAM role per function, with only the permissions that the function needs."""

from typing import Any

from infra.stage import Stage
from infra.template import kept_logs, tracing
from infra.template.lambdas import LAMBDAS
from infra.template.names import arn, attribute
from infra.template.queues import JOB_QUEUES, STREAM_DEAD_LETTERS, dead_letters_id, queue_id
from infra.template.tables import table_id

Statement = dict[str, Any]

_TRUSTED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def role_id(function_id: str) -> str:
    """The logical id of a function's role."""
    return f"{function_id}Role"


def resources(stage: Stage) -> dict[str, Any]:
    """The role of each function."""
    return {
        role_id(id_): _role(
            function.name,
            [
                *_STATEMENTS[id_],
                *([] if stage.is_production else _TEST_STATEMENTS.get(id_, [])),
                _logs(function.name),
                *kept_logs.permissions(stage, id_),
                *tracing.permissions(stage),
            ],
        )
        for id_, function in LAMBDAS.items()
    }


def _table(name: str, *actions: str) -> Statement:
    return _allow(arn(table_id(name)), *(f"dynamodb:{action}" for action in actions))


def _index(table: str, index: str) -> Statement:
    return _allow({"Fn::Sub": "${" + table_id(table) + ".Arn}/index/" + index}, "dynamodb:Query")


def _stream(table: str) -> Statement:
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    return _allow(attribute(table_id(table), "StreamArn"), *(f"dynamodb:{action}" for action in actions))


def _send_to(queue: str) -> Statement:
    return _allow(arn(queue), "sqs:SendMessage")


def _read_from(queue: str) -> Statement:
    return _allow(arn(queue), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _read_attributes_of(queue: str) -> Statement:
    return _allow(arn(queue), "sqs:GetQueueAttributes")


def _acquirer_credentials() -> Statement:
    """SSM decrypts with KMS_KEY, or with ``aws/ssm``, which permits every role that may read."""
    parameters = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/"
    path = {"Fn::Sub": f"{parameters}${{AWS::StackName}}/acquirers/*"}
    return _allow(path, "ssm:GetParameter")


def is_acquirer_credentials(statement: Statement) -> bool:
    """Whether the statement permits reading credentials of acquirers, which are encrypted."""
    return statement == _acquirer_credentials()


def _logs(function_name: str) -> Statement:
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
    streams = {"Fn::Sub": f"{group}${{AWS::StackName}}-{function_name}:*"}
    return _allow(streams, "logs:CreateLogStream", "logs:PutLogEvents")


def _allow(resource: Any, *actions: str) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def _role(function_name: str, statements: list[Statement]) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": _TRUSTED,
            "Policies": [{"PolicyName": function_name, "PolicyDocument": policy}],
        },
    }


_WEBHOOKS = [
    _table("merchants", "GetItem", "BatchGetItem", "UpdateItem"),
    _table("webhook_logs", "PutItem", "UpdateItem"),
    _table("webhook_attempts", "PutItem"),
    _table("webhook_health", "Query", "UpdateItem"),
    _table("webhook_pace", "BatchGetItem", "UpdateItem"),
    _table("events", "PutItem"),
    _table("stats", "GetItem", "UpdateItem"),
]
"""What the delivery of webhooks needs."""

_STATEMENTS: dict[str, list[Statement]] = {
    "APIHandler": [
        _table("merchants", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"),
        _index("merchants", "by_api_key"),
        _index("merchants", "by_email"),
        _table("orders", "GetItem", "PutItem", "UpdateItem"),
        _index("orders", "by_merchant"),
        _table("payments", "GetItem", "BatchGetItem", "PutItem", "UpdateItem"),
        _index("payments", "by_merchant"),
        _index("payments", "by_order"),
        _table("refunds", "GetItem", "PutItem"),
        _index("refunds", "by_merchant"),
        _index("refunds", "by_payment"),
        _table("webhook_logs", "GetItem", "BatchGetItem", "PutItem", "UpdateItem"),
        _index("webhook_logs", "by_merchant"),
        _index("webhook_logs", "by_payment"),
        _table("webhook_attempts", "Query"),
        _table("webhook_health", "Query"),
        _table("idempotency_keys", "GetItem", "PutItem"),
        _table("sessions", "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
        _table("api_requests", "GetItem", "PutItem"),
        _index("api_requests", "by_merchant"),
        _index("api_requests", "by_payment"),
        _table("events", "GetItem", "BatchGetItem"),
        _index("events", "by_merchant"),
        _table("stats", "Query"),
        *(_read_attributes_of(id_(name)) for name in JOB_QUEUES for id_ in (queue_id, dead_letters_id)),
        _send_to(queue_id("payments")),
        _send_to(queue_id("refunds")),
        _acquirer_credentials(),
    ],
    "Relay": [
        *(_stream(name) for name in ("payments", "webhook_logs")),
        _table("merchants", "GetItem", "BatchGetItem"),
        _table("webhook_logs", "PutItem"),
        *(_send_to(queue_id(name)) for name in JOB_QUEUES),
        _send_to(STREAM_DEAD_LETTERS["Relay"]),
    ],
    "Recorder": [
        _stream("payments"),
        _table("events", "PutItem"),
        _table("stats", "BatchGetItem", "GetItem", "UpdateItem"),
        _send_to(STREAM_DEAD_LETTERS["Recorder"]),
    ],
    "PaymentWorker": [
        _table("payments", "GetItem", "UpdateItem"),
        _table("orders", "UpdateItem"),
        _read_from(queue_id("payments")),
        _send_to(queue_id("payments")),
        _acquirer_credentials(),
    ],
    "RefundWorker": [
        _table("refunds", "UpdateItem"),
        _table("payments", "GetItem", "UpdateItem"),
        _read_from(queue_id("refunds")),
        _send_to(queue_id("refunds")),
        _acquirer_credentials(),
    ],
    "WebhookWorker": [
        *_WEBHOOKS,
        _read_from(queue_id("webhooks")),
        _send_to(queue_id("webhooks")),
        _send_to(queue_id("slow_webhooks")),
    ],
    "SlowWebhookWorker": [
        *_WEBHOOKS,
        _read_from(queue_id("slow_webhooks")),
        _send_to(queue_id("slow_webhooks")),
    ],
}

_TEST_STATEMENTS: dict[str, list[Statement]] = {
    "APIHandler": [
        _table("simulated_charges", "GetItem", "UpdateItem"),
        _send_to(queue_id("webhooks")),
        _send_to(queue_id("slow_webhooks")),
    ],
    "PaymentWorker": [
        _table("merchants", "GetItem"),
        _table("simulated_charges", "GetItem", "PutItem", "UpdateItem"),
        _table("stats", "UpdateItem"),
    ],
    "RefundWorker": [
        _table("merchants", "GetItem"),
        _table("stats", "UpdateItem"),
    ],
}
"""What functions need outside production only: the test clock, the simulated bank and the count of jobs."""
