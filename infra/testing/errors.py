"""The errors of a gateway for tests.

PaymentGatewayError
├── NotStartedError      the gateway did not start; contains its log
├── StoppedError         the gateway was stopped, or it exited; contains its log
├── RefusedError         the API refused a request of a helper
└── NotInTimeError       what a helper waits for did not happen in time
"""


class PaymentGatewayError(Exception):
    """Base class."""


class NotStartedError(PaymentGatewayError):
    """The gateway did not start. The message contains its log."""


class StoppedError(PaymentGatewayError):
    """The gateway was stopped, or it exited. The message contains its log."""


class RefusedError(PaymentGatewayError):
    """The API refused a request. ``status`` is the HTTP status, ``code`` the error code of the API."""

    def __init__(self, message: str, *, status: int, code: str | None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class NotInTimeError(PaymentGatewayError):
    """What a helper waits for did not happen in time. The message contains what it saw last."""
