"""The logger. Logs are events with ids, one line per state change, without secrets and card data."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger

# The level is set here, because the library would otherwise read LOG_LEVEL at import, without validation.
logger = Logger(service="payment-gateway", level="INFO", use_rfc3339=True, utc=True)

# The fields of requests, responses and jobs that identify an object, with their names in the log.
_ID_FIELDS = {
    "payment_id": "payment_id",
    "refund_id": "refund_id",
    "order_id": "order_id",
    "log_id": "webhook_log_id",
    "endpoint_id": "endpoint_id",
    "event_id": "event_id",
    "merchant_id": "merchant_id",
}
# Ids of the gateway. Other text of a client could be anything, such as a card number.
_ID = re.compile(r"(pay|order|rfnd|we)_(?!\d+$)[A-Za-z0-9]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def set_log_level(level: str) -> None:
    """Set the log level."""
    logger.setLevel(level)
    # Its warnings contain parts of a receiver's response: invalid headers, an invalid certificate.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)


def ids_in(fields: Mapping[str, Any]) -> dict[str, str]:
    """The ids in ``fields``, by their names in the log. Text that is not an id of the gateway is ignored."""
    found = {_ID_FIELDS[name]: value for name, value in fields.items() if name in _ID_FIELDS}
    return {name: id_ for name, id_ in found.items() if isinstance(id_, str) and _ID.fullmatch(id_)}


@contextmanager
def logged_with(ids: Mapping[str, str]) -> Iterator[None]:
    """Every line that this thread logs in this context contains ``ids``, and those of ``also_log``."""
    also_log(ids)
    try:
        yield
    finally:
        logger.thread_safe_clear_keys()


def also_log(ids: Mapping[str, str]) -> None:
    """Add ``ids`` to the lines of the current ``logged_with``."""
    logger.thread_safe_append_keys(**ids)
