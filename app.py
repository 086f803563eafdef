"""The Chalice app: the routes, and all queue and stream handlers.

Chalice reads the resources of the deployment from this file. Queue and stream handlers must be in it: Chalice
packages handlers of other files with the wrong module name. Their ARNs are placeholders; the template of the
deployment replaces them, and replaces each handler with its entry point in ``chalicelib/functions``, which
loads only what the function needs.
"""

from typing import Any

from chalice.app import DynamoDBEvent, SQSEvent

from chalicelib.api.application import create_app, create_router
from chalicelib.bootstrap import gateway
from chalicelib.jobs.batch import time_left_of
from chalicelib.workers.acquirer_jobs import process_payments, process_refunds
from chalicelib.workers.streams import record_events, relay_changes
from chalicelib.workers.webhook_jobs import deliver_slow_webhooks, deliver_webhooks

router = create_router()
app = create_app(router)


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:local:0:table/payments/stream/0", batch_size=100)
def relay(event: DynamoDBEvent) -> dict[str, Any]:
    """Dispatch the effects of committed rows: jobs and webhook logs."""
    return relay_changes(gateway(), event.to_dict()["Records"])


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:local:0:table/payments/stream/0", batch_size=100)
def recorder(event: DynamoDBEvent) -> dict[str, Any]:
    """Record the events of payments and the counters."""
    return record_events(gateway(), event.to_dict()["Records"])


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:payments", batch_size=10)
def payment_worker(event: SQSEvent) -> dict[str, Any]:
    """Settle the payments that are due."""
    return process_payments(gateway(), event.to_dict()["Records"], time_left_of(event.context))


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:refunds", batch_size=10)
def refund_worker(event: SQSEvent) -> dict[str, Any]:
    """Settle the refunds that are due."""
    return process_refunds(gateway(), event.to_dict()["Records"], time_left_of(event.context))


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:webhooks", batch_size=10)
def webhook_worker(event: SQSEvent) -> dict[str, Any]:
    """Make the webhook attempts that are due."""
    return deliver_webhooks(gateway(), event.to_dict()["Records"], time_left_of(event.context))


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:slow-webhooks", batch_size=10)
def slow_webhook_worker(event: SQSEvent) -> dict[str, Any]:
    """Make the webhook attempts of slow and failing endpoints that are due."""
    return deliver_slow_webhooks(gateway(), event.to_dict()["Records"], time_left_of(event.context))
