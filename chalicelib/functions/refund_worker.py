"""The entry point of the worker of refunds."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import gateway
from chalicelib.functions import loaded
from chalicelib.jobs.batch import Failures, time_left_of
from chalicelib.workers.acquirer_jobs import process_refunds

gateway().create("refunds", "queues", "jobs")


def handler(event: Mapping[str, Any], context: Any) -> Failures:
    """Process the records of ``event``."""
    return process_refunds(gateway(), event["Records"], time_left_of(context))


loaded()
