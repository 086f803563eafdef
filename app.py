"""The Chalice app: the routes, and all queue and stream handlers.

Queue and stream handlers must be in this file: Chalice packages handlers of other files with the wrong module
name. Their ARNs are placeholders; the template of the deployment replaces them.
"""

from typing import Any

from chalice.app import CORSConfig, DynamoDBEvent, SQSEvent

from chalicelib.api import (
    acquirers,
    bank,
    buyer_return,
    events,
    merchants,
    orders,
    payments,
    refunds,
    stats,
    system,
    webhooks,
)
from chalicelib.api.http_api import GatewayApp
from chalicelib.api.openapi import route as openapi
from chalicelib.api.routing import Router
from chalicelib.bootstrap import gateway
from chalicelib.jobs.batch import time_left_of
from chalicelib.workers import (
    deliver_slow_webhooks,
    deliver_webhooks,
    process_payments,
    process_refunds,
    record_events,
    relay_changes,
)

app = GatewayApp(app_name="payment-gateway", configure_logs=False)
app.api.cors = CORSConfig(
    allow_headers=["Content-Type", "X-Api-Key", "X-Api-Secret", "Idempotency-Key", "Authorization"],
    expose_headers=["Date", "Idempotent-Replayed", "Retry-After"],
    max_age=600,
)

areas = (
    system,
    bank,
    merchants,
    orders,
    payments,
    refunds,
    buyer_return,
    webhooks,
    events,
    stats,
    acquirers,
    openapi,
)
router = Router(__name__, [route for area in areas for route in area.ROUTES])
app.register_blueprint(router)


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
