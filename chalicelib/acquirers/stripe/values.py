"""The codes, currencies and parameters of Stripe's API, and what they mean for this gateway."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from chalicelib.acquirers.base import AuthorizeRequest, RefundRequest
from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.methods.card import Authentication, Card
from chalicelib.domain.money import Money

CHARGE_KEY, REFUND_KEY = "charge:", "refund:"
"""The prefixes of the idempotency keys, followed by the id of the payment or refund."""
SESSION_PREFIX = "cs_"
"""The prefix of the ids of Checkout Sessions."""

_ZERO_DECIMAL = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE = frozenset({"ISK", "UGX"})  # amounts with two decimals, which are always 00
_USUAL_DIGITS = 2
_THREE_DECIMAL_STEP = 10  # the last digit is always 0

DECLINES: Mapping[str, DeclineCode] = {
    "authentication_required": DeclineCode.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": DeclineCode.AUTHENTICATION_FAILED,
    "expired_card": DeclineCode.EXPIRED_CARD,
    "invalid_expiry_month": DeclineCode.EXPIRED_CARD,
    "invalid_expiry_year": DeclineCode.EXPIRED_CARD,
    "fraudulent": DeclineCode.FRAUD_SUSPECTED,
    "highest_risk_level": DeclineCode.FRAUD_SUSPECTED,
    "lost_card": DeclineCode.FRAUD_SUSPECTED,
    "merchant_blacklist": DeclineCode.FRAUD_SUSPECTED,
    "pickup_card": DeclineCode.FRAUD_SUSPECTED,
    "restricted_card": DeclineCode.FRAUD_SUSPECTED,
    "security_violation": DeclineCode.FRAUD_SUSPECTED,
    "stolen_card": DeclineCode.FRAUD_SUSPECTED,
    "incorrect_cvc": DeclineCode.INCORRECT_CVC,
    "invalid_cvc": DeclineCode.INCORRECT_CVC,
    "insufficient_funds": DeclineCode.INSUFFICIENT_FUNDS,
    "incorrect_number": DeclineCode.INVALID_ACCOUNT,
    "invalid_account": DeclineCode.INVALID_ACCOUNT,
    "invalid_number": DeclineCode.INVALID_ACCOUNT,
    "new_account_information_available": DeclineCode.INVALID_ACCOUNT,
    "card_velocity_exceeded": DeclineCode.LIMIT_EXCEEDED,
    "invalid_amount": DeclineCode.LIMIT_EXCEEDED,
    "withdrawal_count_limit_exceeded": DeclineCode.LIMIT_EXCEEDED,
    "issuer_not_available": DeclineCode.PROCESSING_ERROR,
    "processing_error": DeclineCode.PROCESSING_ERROR,
    "reenter_transaction": DeclineCode.PROCESSING_ERROR,
    "try_again_later": DeclineCode.PROCESSING_ERROR,
}
"""By Stripe's decline code or, without one, its error code. Others are CARD_DECLINED."""

AUTHENTICATIONS: Mapping[str, Authentication] = {
    "authenticated": Authentication.AUTHENTICATED,
    "attempt_acknowledged": Authentication.ATTEMPTED,
    "failed": Authentication.FAILED,
    "processing_error": Authentication.FAILED,
}
"""By the result of 3-D Secure. Others, and none, are NOT_REQUIRED."""

CHARGE_REFUSALS = frozenset({"amount_too_large", "amount_too_small", "resource_missing", "url_invalid"})
"""Errors after which this charge cannot exist. An error about a parameter other than the token is another."""

REFUND_REFUSALS = frozenset({"balance_insufficient", "charge_already_refunded", "charge_disputed"})
"""Errors after which this refund cannot exist. An error about its amount is another."""


class AmountError(Exception):
    """Stripe has no representation of the amount in its currency."""


def stripe_amount(money: Money) -> int:
    """The amount in Stripe's minor units. Raises AmountError."""
    digits = _digits(money.currency)
    if digits is None:
        raise AmountError
    factor, divisor = int(10**digits), int(10 ** MINOR_UNITS[money.currency])
    amount, rest = divmod(money.amount * factor, divisor)
    step = _THREE_DECIMAL_STEP if money.currency in _THREE_DECIMAL else 1
    if rest or amount % step:
        raise AmountError
    return amount


def money_of(amount: int, currency: str) -> Money:
    """The money of an amount of Stripe. A currency that is not documented has ISO 4217 minor units."""
    code = currency.upper()
    digits = _digits(code)
    if digits is None:
        return Money(amount, code)
    return Money(amount * 10 ** MINOR_UNITS[code] // 10**digits, code)


def _digits(currency: str) -> int | None:
    """The digits after the decimal point in Stripe's amounts. None if Stripe documents none."""
    if currency in _ZERO_DECIMAL:
        return 0
    if currency in _THREE_DECIMAL:
        return 3
    usual = currency in _WHOLE or MINOR_UNITS.get(currency) == _USUAL_DIGITS
    return _USUAL_DIGITS if usual else None


def payment_id(request: AuthorizeRequest) -> str:
    """The id of the payment that is charged."""
    return request.idempotency_key.removeprefix(CHARGE_KEY)


def intent_fields(request: AuthorizeRequest, amount: int) -> dict[str, str]:
    """The parameters of a PaymentIntent that charges a token. The same for every request of a payment."""
    fields = {
        "amount": str(amount),
        "currency": request.money.currency.lower(),
        "confirm": "true",
        "payment_method": request.token,
        "allowed_payment_method_types[]": "card",
        "capture_method": request.capture_mode.value,
        "metadata[payment_id]": payment_id(request),
        "expand[]": "latest_charge",
    }
    return fields | ({"return_url": request.return_url} if request.return_url else {})


def session_fields(request: AuthorizeRequest, amount: int) -> dict[str, str]:
    """The parameters of a Checkout Session, in which the buyer enters the card.

    Without ``expires_at``, because a repeated request must have the same parameters, at any time.
    """
    fields = {
        "mode": "payment",
        "allowed_payment_method_types[]": "card",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": request.money.currency.lower(),
        "line_items[0][price_data][unit_amount]": str(amount),
        "line_items[0][price_data][product_data][name]": f"Payment {payment_id(request)}",
        "client_reference_id": payment_id(request),
        "metadata[payment_id]": payment_id(request),
        "payment_intent_data[metadata][payment_id]": payment_id(request),
        "payment_intent_data[capture_method]": request.capture_mode.value,
    }
    page = request.return_url
    return fields | ({"success_url": page, "cancel_url": page} if page else {})


def refund_id(request: RefundRequest) -> str:
    """The id of the refund. The whole key for the return of money that is not a refund of the merchant."""
    return request.idempotency_key.removeprefix(REFUND_KEY)


def refund_fields(request: RefundRequest, amount: int) -> dict[str, str]:
    """The parameters of a refund."""
    return {
        "payment_intent": request.payment_reference or "",
        "amount": str(amount),
        "metadata[refund_id]": refund_id(request),
    }


def card_fields(card: Card) -> dict[str, str]:
    """The parameters of a PaymentMethod."""
    return {
        "type": "card",
        "card[number]": card.number,
        "card[exp_month]": str(card.expiry_month),
        "card[exp_year]": str(card.expiry_year),
        "card[cvc]": card.cvv,
        "billing_details[name]": card.holder_name,
    }


def seconds(at: datetime) -> int:
    """The first whole second that is not before ``at``, as a Unix timestamp."""
    return ceil(at.timestamp())
