"""The environment of the functions and their first events, for processes that are started without AWS."""

from typing import Any

_QUEUES = ("PAYMENTS", "REFUNDS", "WEBHOOKS", "SLOW_WEBHOOKS")
_DEAD_LETTERS = (*_QUEUES, "RELAY", "RECORDER")
_SQS = "https://sqs.us-east-1.amazonaws.com/123456789012/"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "STAGE": "prod",
    "TABLE_PREFIX": "bench-",
    "API_URL": "https://api.example/gateway",
    **{f"{name}_QUEUE_URL": f"{_SQS}{name}" for name in _QUEUES},
    **{f"{name}_DEAD_LETTERS_QUEUE_URL": f"{_SQS}{name}-dead" for name in _DEAD_LETTERS},
}

# A request of API Gateway without credentials, whose response is 401.
UNAUTHENTICATED: dict[str, Any] = {
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
    "requestContext": {
        "resourcePath": "/api/v1/orders",
        "httpMethod": "GET",
        "requestId": "request",
        "identity": {"sourceIp": "127.0.0.1"},
    },
}

EMPTY_BATCH: dict[str, Any] = {"Records": []}

FIRST_EVENTS = {
    "api_handler": UNAUTHENTICATED,
    **dict.fromkeys(
        ("relay", "recorder", "payment_worker", "refund_worker", "webhook_worker", "slow_webhook_worker"),
        EMPTY_BATCH,
    ),
}
