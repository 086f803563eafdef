"""The interface to an acquirer.

Every request that moves money has an idempotency key, derived from the payment or refund. The acquirer
returns the same outcome for the same key and moves the money only once.
"""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Card
from chalicelib.domain.money import Money


class AcquirerUnavailableError(Exception):
    """The acquirer did not respond, so the outcome is unknown. Retry with the same key."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A request to charge ``money`` to the payment method that ``token`` identifies."""

    idempotency_key: str
    method: PaymentMethod
    token: str
    money: Money


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The acquirer's response. ``decline_reason`` is shown to the buyer; None if approved."""

    approved: bool
    decline_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """A request to refund ``money`` to the payment method that ``token`` identifies."""

    idempotency_key: str
    token: str
    money: Money


class Acquirer(Protocol):
    """The requests that the gateway sends to an acquirer."""

    def tokenize(self, card: Card) -> str:
        """A token with which the card can be charged. The card number is not stored."""
        ...

    def charge(self, charge: Charge) -> Outcome:
        """Charge the buyer. Raises AcquirerUnavailableError."""
        ...

    def refund(self, refund: RefundRequest) -> Outcome:
        """Refund the buyer. Raises AcquirerUnavailableError."""
        ...
