"""The entry point of the recorder."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import gateway
from chalicelib.functions import loaded
from chalicelib.jobs.batch import Failures
from chalicelib.workers.streams import record_events

gateway().create("recorder", "dead_letters")


def handler(event: Mapping[str, Any], _context: Any) -> Failures:
    """Process the records of ``event``."""
    return record_events(gateway(), event["Records"])


loaded()
