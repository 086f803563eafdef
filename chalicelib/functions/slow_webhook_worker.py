"""The entry point of the worker of slow webhook endpoints."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import gateway
from chalicelib.functions import loaded
from chalicelib.jobs.batch import Failures, time_left_of
from chalicelib.workers.webhook_jobs import deliver_slow_webhooks

gateway().create("attempts", "endpoint_health", "pace", "queues", "jobs")


def handler(event: Mapping[str, Any], context: Any) -> Failures:
    """Process the records of ``event``."""
    return deliver_slow_webhooks(gateway(), event["Records"], time_left_of(context))


loaded()
