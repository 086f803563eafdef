"""Throttling: whether AWS refused a request because there were too many, in each form that this error has."""

from botocore.exceptions import ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.store.write import BusyError

_CODES = frozenset(
    {
        "ProvisionedThroughputExceeded",  # in the reasons of a cancelled transaction
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",  # SQS
        "RequestThrottledException",
        "Throttling",
        "ThrottlingError",  # in the reasons of a cancelled transaction
        "ThrottlingException",
        "TooManyRequestsException",  # Lambda
    }
)


def is_throttled(error: BaseException) -> bool:
    """Whether ``error``, or an error that it wraps as pynamodb does, may pass within a moment."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, BusyError) or not _CODES.isdisjoint(_codes(current)):
            return True
        current = current.cause if isinstance(current, PynamoDBException) else current.__cause__
    return False


def _codes(error: BaseException) -> set[str]:
    """What AWS called it; of a transaction, the reasons too."""
    if not isinstance(error, ClientError):
        return set()
    reasons = error.response.get("CancellationReasons", [])
    return {str(error.response["Error"]["Code"]), *(str(reason.get("Code")) for reason in reasons)}
