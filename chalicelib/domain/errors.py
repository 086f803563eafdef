"""What can be wrong with a request, as one tree with stable codes.

GatewayError
├── AuthenticationError       the API key, secret or session is not valid
├── BadRequestError           the request is malformed, or asks for what the state forbids
│   ├── InvalidCurrencyError
│   ├── AmountTooSmallError
│   ├── InvalidVpaError
│   ├── InvalidCardError
│   └── ExpiredCardError
├── NotFoundError             no such object, or another merchant's
├── MethodNotAllowedError     the address exists, not with this method
├── IdempotencyKeyReusedError the key was used for a different request
├── OrderAlreadyPaidError     the order has a successful payment
├── PaymentInProgressError    another payment of the order is pending
├── OrderExpiredError         the order's expires_at has passed
├── TooManyAttemptsError      the order has used up its payment attempts
└── RateLimitError            too many requests; says when to come again

HTTP statuses are the API's business (``api/errors.py``).
"""

from typing import ClassVar


class GatewayError(Exception):
    """A request is refused. ``description`` is for the merchant's developer and names no inside."""

    code: ClassVar[str]

    def __init__(self, description: str, *, field: str | None = None) -> None:
        super().__init__(description)
        self.description = description
        self.field = field


class AuthenticationError(GatewayError):
    """The credentials are missing, empty or wrong; which of these is not told."""

    code = "AUTHENTICATION_ERROR"

    def __init__(self) -> None:
        super().__init__("Invalid API credentials")


class BadRequestError(GatewayError):
    """The request is malformed, or the object's state does not allow it."""

    code = "BAD_REQUEST_ERROR"


class InvalidCurrencyError(BadRequestError):
    """The currency is not a code of ISO 4217 that has minor units."""

    code = "INVALID_CURRENCY"

    def __init__(self, *, example: str) -> None:
        super().__init__(
            f"currency must be an ISO 4217 code of a currency in capital letters, such as {example}",
            field="currency",
        )


class AmountTooSmallError(BadRequestError):
    """The amount is below the minimum of its currency, which is not the default one."""

    code = "AMOUNT_TOO_SMALL"

    def __init__(self, minimum: int, currency: str) -> None:
        super().__init__(f"amount must be at least {minimum} for {currency}", field="amount")


class InvalidVpaError(BadRequestError):
    """The virtual payment address is not of the form ``name@bank``."""

    code = "INVALID_VPA"

    def __init__(self, description: str = "Invalid VPA format") -> None:
        super().__init__(description, field="vpa")


class InvalidCardError(BadRequestError):
    """The card's number or CVV cannot be right. Neither is repeated in the error."""

    code = "INVALID_CARD"

    def __init__(self, *, field: str = "card.number") -> None:
        super().__init__("Card validation failed", field=field)


class ExpiredCardError(BadRequestError):
    """The card's expiry date is past, or no date."""

    code = "EXPIRED_CARD"

    def __init__(self) -> None:
        super().__init__("Card expiry date invalid", field="card.expiry_year")


class NotFoundError(GatewayError):
    """No such object; another merchant's object is not told from one that never was."""

    code = "NOT_FOUND_ERROR"

    def __init__(self, noun: str) -> None:
        super().__init__(f"{noun} not found")


class MethodNotAllowedError(GatewayError):
    """The address exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED_ERROR"

    def __init__(self, method: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method} is not allowed here; allowed: {', '.join(allowed)}")
        self.allowed = allowed


class IdempotencyKeyReusedError(GatewayError):
    """An idempotency key came again with a different request; nothing was done."""

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
    """The order has used up its payment attempts. Waiting does not help."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"Order has used up its {limit} payment attempts", field="order_id")


class RateLimitError(GatewayError):
    """Too many requests; the caller may come again after ``retry_after_s`` seconds."""

    code = "RATE_LIMIT_ERROR"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__("Too many requests; try again later")
        self.retry_after_s = retry_after_s
