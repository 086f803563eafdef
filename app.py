"""The map: one Chalice app, its routes, and every queue and stream handler.

Queue and stream handlers stand here because Chalice packages those declared elsewhere with the wrong
module. Their ARNs are placeholders: the deployment's template puts the real ones in their place.
"""

from typing import Any

from chalice.app import Chalice, CORSConfig, DynamoDBEvent, SQSEvent

from chalicelib.api import merchants, orders, payments, refunds, stats, system, webhooks
from chalicelib.api.openapi import route as openapi
from chalicelib.api.routing import Router
from chalicelib.batch import time_left_of
from chalicelib.bootstrap import gateway
from chalicelib.workers import deliver_webhooks, process_payments, process_refunds, relay_changes

app = Chalice(app_name="payment-gateway", configure_logs=False)
app.api.cors = CORSConfig(
    allow_headers=["Content-Type", "X-Api-Key", "X-Api-Secret", "Idempotency-Key", "Authorization"],
    expose_headers=["Idempotent-Replayed", "Retry-After"],
    max_age=600,
)

routes = Router(__name__)
for area in (system, merchants, orders, payments, refunds, webhooks, stats, openapi):
    area.add_routes(routes)
routes.refuse_other_methods()
app.register_blueprint(routes)


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:local:0:table/payments/stream/0", batch_size=100)
def relay(event: DynamoDBEvent) -> dict[str, Any]:
    """Turn committed rows into the jobs and webhook logs they owe."""
    return relay_changes(gateway(), event.to_dict()["Records"])


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:payments", batch_size=10)
def payment_worker(event: SQSEvent) -> dict[str, Any]:
    """Settle the payments whose time has come."""
    return process_payments(gateway(), event.to_dict()["Records"], time_left_of(event.context))


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:refunds", batch_size=10)
def refund_worker(event: SQSEvent) -> dict[str, Any]:
    """Settle the refunds whose time has come."""
    return process_refunds(gateway(), event.to_dict()["Records"], time_left_of(event.context))


@app.on_sqs_message(queue_arn="arn:aws:sqs:local:0:webhooks", batch_size=10)
def webhook_worker(event: SQSEvent) -> dict[str, Any]:
    """Make the webhook attempts that are due."""
    return deliver_webhooks(gateway(), event.to_dict()["Records"], time_left_of(event.context))
