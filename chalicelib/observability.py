"""The logger. Logs are events with ids, one line a state change; never secrets, never card data."""

import logging

from aws_lambda_powertools import Logger

# The level is given here, because the library would otherwise read LOG_LEVEL itself, at import and unchecked.
logger = Logger(service="payment-gateway", level="INFO", use_rfc3339=True, utc=True)


def set_log_level(level: str) -> None:
    """Log from ``level`` on."""
    logger.setLevel(level)
    # Its warnings repeat what a receiver answered, in full: headers that are none, a wrong certificate.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
