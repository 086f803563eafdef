"""The entry point of the relay."""

from collections.abc import Mapping
from typing import Any

from chalicelib.bootstrap import gateway
from chalicelib.functions import loaded
from chalicelib.jobs.batch import Failures
from chalicelib.workers.streams import relay_changes

gateway().create("relay", "dead_letters")


def handler(event: Mapping[str, Any], _context: Any) -> Failures:
    """Process the records of ``event``."""
    return relay_changes(gateway(), event["Records"])


loaded()
