"""Errors: stable codes, and the documented descriptions."""

import pytest

from chalicelib.domain import errors

SAID = [
    (errors.AuthenticationError(), "AUTHENTICATION_ERROR", "Invalid API credentials", None),
    (errors.BadRequestError("x is wrong", field="x"), "BAD_REQUEST_ERROR", "x is wrong", "x"),
    (errors.NotFoundError("Order"), "NOT_FOUND_ERROR", "Order not found", None),
    (
        errors.InvalidCurrencyError(example="INR"),
        "INVALID_CURRENCY",
        "currency must be an ISO 4217 code of a currency in capital letters, such as INR",
        "currency",
    ),
    (
        errors.AmountTooSmallError(1, "JPY"),
        "AMOUNT_TOO_SMALL",
        "amount must be at least 1 for JPY",
        "amount",
    ),
    (errors.InvalidVpaError(), "INVALID_VPA", "Invalid VPA format", "vpa"),
    (errors.InvalidCardError(), "INVALID_CARD", "Card validation failed", "card.number"),
    (errors.ExpiredCardError(), "EXPIRED_CARD", "Card expiry date invalid", "card.expiry_year"),
    (
        errors.MethodNotAllowedError("PUT", allowed=("GET", "POST")),
        "METHOD_NOT_ALLOWED_ERROR",
        "PUT is not allowed here; allowed: GET, POST",
        None,
    ),
    (
        errors.IdempotencyKeyReusedError(),
        "IDEMPOTENCY_KEY_REUSED",
        "Idempotency key was already used with a different request",
        None,
    ),
    (errors.OrderAlreadyPaidError(), "ORDER_ALREADY_PAID", "Order is already paid", "order_id"),
    (
        errors.PaymentInProgressError(payment_id="pay_1"),
        "PAYMENT_IN_PROGRESS",
        "Another payment of this order is in progress",
        "order_id",
    ),
    (errors.ApiSecretConflictError("Replaced"), "API_SECRET_CONFLICT", "Replaced", "replaces"),
    (
        errors.ClockBusyError(),
        "CLOCK_ADVANCING",
        "Another request is moving this clock; try again when it is done",
        None,
    ),
    (errors.OrderExpiredError(), "ORDER_EXPIRED", "Order has expired", "order_id"),
    (
        errors.TooManyAttemptsError(limit=20),
        "TOO_MANY_ATTEMPTS",
        "Order has used up its 20 payment attempts",
        "order_id",
    ),
    (errors.RateLimitError(retry_after_s=3), "RATE_LIMIT_ERROR", "Too many requests; try again later", None),
]


@pytest.mark.parametrize(
    ("error", "code", "description", "field"), SAID, ids=lambda value: type(value).__name__
)
def test_an_error_has_its_code_description_and_field(
    error: errors.GatewayError, code: str, description: str, field: str | None
):
    assert (error.code, error.description, error.field) == (code, description, field)
    assert str(error) == description


def test_every_error_of_the_tree_is_tested_and_has_a_unique_code():
    def with_children(kind: type[errors.GatewayError]) -> set[type[errors.GatewayError]]:
        return {kind}.union(*(with_children(child) for child in kind.__subclasses__()))

    tree = {kind for kind in with_children(errors.GatewayError) if kind.__module__ == errors.__name__}
    assert tree - {errors.GatewayError} == {type(error) for error, *_ in SAID}
    assert len({error.code for error, *_ in SAID}) == len(SAID)


def test_an_error_of_a_payment_method_is_a_bad_request():
    for kind in (errors.InvalidVpaError, errors.InvalidCardError, errors.ExpiredCardError):
        assert issubclass(kind, errors.BadRequestError)
