"""What the gateway asks of an acquirer.

Every request that moves money carries an idempotency key of ours, derived from the payment: asked
twice, the acquirer answers the same and moves nothing twice.
"""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Card
from chalicelib.domain.money import Money


class AcquirerUnavailableError(Exception):
    """The acquirer did not answer. Whether it acted is not known; ask again with the same key."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A request to take ``money`` from what ``token`` stands for."""

    idempotency_key: str
    method: PaymentMethod
    token: str
    money: Money


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The acquirer's answer; ``decline_reason`` is for the buyer, None when approved."""

    approved: bool
    decline_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """A request to give ``money`` back, of what was taken from ``token``."""

    idempotency_key: str
    token: str
    money: Money


class Acquirer(Protocol):
    """Moves the money."""

    def tokenize(self, card: Card) -> str:
        """A token to charge the card with, so that its number need not be kept."""
        ...

    def charge(self, charge: Charge) -> Outcome:
        """Take the money. Raises AcquirerUnavailableError."""
        ...

    def refund(self, refund: RefundRequest) -> Outcome:
        """Give the money back. Raises AcquirerUnavailableError."""
        ...
