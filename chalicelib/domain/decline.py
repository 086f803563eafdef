"""Declines: why a payment failed, and what the buyer can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

PAYMENT_FAILED = "PAYMENT_FAILED"
"""The error code of every failed payment."""


class DeclineCode(StrEnum):
    """The reason for which a bank, a card issuer or the acquirer declined a payment."""

    AUTHENTICATION_FAILED = "authentication_failed"
    AUTHENTICATION_EXPIRED = "authentication_expired"
    CARD_DECLINED = "card_declined"
    EXPIRED = "expired"
    EXPIRED_CARD = "expired_card"
    FRAUD_SUSPECTED = "fraud_suspected"
    INCORRECT_CVC = "incorrect_cvc"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    INVALID_ACCOUNT = "invalid_account"
    LIMIT_EXCEEDED = "limit_exceeded"
    PROCESSING_ERROR = "processing_error"


class Retry(StrEnum):
    """Whether another payment can succeed: never, by another method, or later by the same one."""

    NEVER = "never"
    OTHER_METHOD = "other_method"
    LATER = "later"


RETRY: Mapping[DeclineCode, Retry] = {
    DeclineCode.AUTHENTICATION_FAILED: Retry.LATER,
    DeclineCode.AUTHENTICATION_EXPIRED: Retry.LATER,
    DeclineCode.CARD_DECLINED: Retry.OTHER_METHOD,
    DeclineCode.EXPIRED: Retry.LATER,
    DeclineCode.EXPIRED_CARD: Retry.OTHER_METHOD,
    DeclineCode.FRAUD_SUSPECTED: Retry.NEVER,
    DeclineCode.INCORRECT_CVC: Retry.LATER,
    DeclineCode.INSUFFICIENT_FUNDS: Retry.OTHER_METHOD,
    DeclineCode.INVALID_ACCOUNT: Retry.OTHER_METHOD,
    DeclineCode.LIMIT_EXCEEDED: Retry.OTHER_METHOD,
    DeclineCode.PROCESSING_ERROR: Retry.LATER,
}


@dataclass(frozen=True, kw_only=True)
class Decline:
    """The reason for which a payment failed. ``description`` is shown to the buyer.

    ``code`` and ``retry`` are None on payments of a version that did not store them.
    """

    description: str
    code: DeclineCode | None = None
    retry: Retry | None = None

    @classmethod
    def of(cls, code: DeclineCode, description: str) -> Self:
        """A decline with the advice for its code."""
        return cls(description=description, code=code, retry=RETRY[code])

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a failed payment, which rows, responses and events contain."""
        return {
            "error_code": PAYMENT_FAILED,
            "error_description": self.description,
            "decline_code": self.code,
            "retry": self.retry,
        }
