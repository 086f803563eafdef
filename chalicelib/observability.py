"""The logger. Logs are events with ids, one line per state change, without secrets and card data."""

import logging

from aws_lambda_powertools import Logger

# The level is set here, because the library would otherwise read LOG_LEVEL at import, without validation.
logger = Logger(service="payment-gateway", level="INFO", use_rfc3339=True, utc=True)


def set_log_level(level: str) -> None:
    """Set the log level."""
    logger.setLevel(level)
    # Its warnings contain parts of a receiver's response: invalid headers, an invalid certificate.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
