"""Detection of throttling: all forms of the error with which AWS rejects too many requests."""

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
    """Whether ``error``, or an error that it wraps, is a throttling error. A later retry can succeed."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, BusyError) or not _CODES.isdisjoint(_codes(current)):
            return True
        current = current.cause if isinstance(current, PynamoDBException) else current.__cause__
    return False


def _codes(error: BaseException) -> set[str]:
    """The error code, and the cancellation reasons of a transaction."""
    if not isinstance(error, ClientError):
        return set()
    reasons = error.response.get("CancellationReasons", [])
    return {str(error.response["Error"]["Code"]), *(str(reason.get("Code")) for reason in reasons)}
