"""The errors of a request, as one tree with stable codes.

GatewayError
├── AuthenticationError       the API key, secret or session is not valid
├── BadRequestError           the request is malformed, or the state of the object does not allow it
│   ├── InvalidCurrencyError
│   ├── AmountTooSmallError
│   ├── InvalidVpaError
│   ├── InvalidCardError
│   └── ExpiredCardError
├── NotFoundError             the object does not exist or belongs to another merchant
├── MethodNotAllowedError     the path exists, but not with this method
├── IdempotencyKeyReusedError the key was used for a different request
├── OrderAlreadyPaidError     the order has a successful payment
├── PaymentInProgressError    another payment of the order is pending
├── OrderExpiredError         the order's expires_at has passed
├── TooManyAttemptsError      the order has no payment attempts left
├── ApiSecretConflictError    two API secrets are valid, or another request replaced the secret
├── ClockBusyError            another request moves the merchant's test clock
└── RateLimitError            too many requests; contains the time to wait before a retry

``api/errors.py`` maps errors to HTTP statuses.
"""

from typing import ClassVar


class GatewayError(Exception):
    """The request is rejected. ``description`` is for developers and reveals no internals."""

    code: ClassVar[str]
    merchant_id: str | None = None
    """The merchant whose account a sign-in addressed, for logs. Not in the response."""

    def __init__(self, description: str, *, field: str | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.field = field


class AuthenticationError(GatewayError):
    """The credentials are missing, empty or wrong. The error does not distinguish these cases."""

    code = "AUTHENTICATION_ERROR"

    def __init__(self) -> None:
        super().__init__("Invalid API credentials")


class BadRequestError(GatewayError):
    """The request is malformed, or the object's state does not allow it."""

    code = "BAD_REQUEST_ERROR"


class InvalidCurrencyError(BadRequestError):
    """The currency is not an ISO 4217 code with defined minor units."""

    code = "INVALID_CURRENCY"

    def __init__(self, *, example: str) -> None:
        super().__init__(
            f"currency must be an ISO 4217 code of a currency in capital letters, such as {example}",
            field="currency",
        )


class AmountTooSmallError(BadRequestError):
    """The amount is below the minimum of its currency. For currencies other than the default one."""

    code = "AMOUNT_TOO_SMALL"

    def __init__(self, minimum: int, currency: str) -> None:
        super().__init__(f"amount must be at least {minimum} for {currency}", field="amount")


class InvalidVpaError(BadRequestError):
    """The virtual payment address does not have the form ``name@bank``."""

    code = "INVALID_VPA"

    def __init__(self, description: str = "Invalid VPA format") -> None:
        super().__init__(description, field="vpa")


class InvalidCardError(BadRequestError):
    """The card number or the CVV is not valid. The error contains neither of them."""

    code = "INVALID_CARD"

    def __init__(self, *, field: str = "card.number") -> None:
        super().__init__("Card validation failed", field=field)


class ExpiredCardError(BadRequestError):
    """The expiry date of the card is in the past or not a valid date."""

    code = "EXPIRED_CARD"

    def __init__(self) -> None:
        super().__init__("Card expiry date invalid", field="card.expiry_year")


class NotFoundError(GatewayError):
    """The object does not exist or belongs to another merchant. The error does not distinguish these."""

    code = "NOT_FOUND_ERROR"

    def __init__(self, noun: str) -> None:
        super().__init__(f"{noun} not found")


class MethodNotAllowedError(GatewayError):
    """The path exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED_ERROR"

    def __init__(self, method: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not allowed here; allowed: {', '.join(allowed)}")
        self.allowed = allowed


class IdempotencyKeyReusedError(GatewayError):
    """The idempotency key was used for a different request. The request has no effect."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("Idempotency key was already used with a different request")


class OrderAlreadyPaidError(GatewayError):
    """The order has a successful payment."""

    code = "ORDER_ALREADY_PAID"

    def __init__(self) -> None:
        super().__init__("Order is already paid", field="order_id")


class PaymentInProgressError(GatewayError):
    """Another payment of the order is pending: ``payment_id``."""

    code = "PAYMENT_IN_PROGRESS"

    def __init__(self, *, payment_id: str) -> None:
        super().__init__("Another payment of this order is in progress", field="order_id")
        self.payment_id = payment_id


class OrderExpiredError(GatewayError):
    """The order's ``expires_at`` has passed."""

    code = "ORDER_EXPIRED"

    def __init__(self) -> None:
        super().__init__("Order has expired", field="order_id")


class TooManyAttemptsError(GatewayError):
    """The order has no payment attempts left. A later retry fails too."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"Order has used up its {limit} payment attempts", field="order_id")


class ApiSecretConflictError(GatewayError):
    """The request must name the API secret that ends, or names one that has ended. It has no effect."""

    code = "API_SECRET_CONFLICT"

    def __init__(self, description: str) -> None:
        super().__init__(description, field="replaces")


class ClockBusyError(GatewayError):
    """Another request moves the merchant's test clock. This one has no effect."""

    code = "CLOCK_ADVANCING"

    def __init__(self) -> None:
        super().__init__("Another request is moving this clock; try again when it is done")


class RateLimitError(GatewayError):
    """Too many requests. The caller can retry after ``retry_after_s`` seconds."""

    code = "RATE_LIMIT_ERROR"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__("Too many requests; try again later")
        self.retry_after_s = retry_after_s
