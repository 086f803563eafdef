"""Payment methods, and the instrument: the details of a method that a payment stores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class PaymentMethod(StrEnum):
    """Payment methods."""

    UPI = "upi"
    CARD = "card"


class UpiFlow(StrEnum):
    """How a UPI payment reaches the buyer: a request to a VPA, or a link, which a QR code also shows."""

    COLLECT = "collect"
    INTENT = "intent"
    QR = "qr"


DISPLAYED_FIELDS = ("vpa", "card_network", "card_last4")


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """The stored details of a payment method: ``token`` and ``flow`` for the acquirer, others for display.

    Each method sets its own DISPLAYED_FIELDS. They are stored, listed and sent with every event. ``flow`` is
    None on cards, and on UPI payments of a version that supported only ``collect``.
    """

    method: PaymentMethod
    token: str
    flow: UpiFlow | None = None
    vpa: str | None = None
    card_network: str | None = None
    card_last4: str | None = None

    @property
    def displayed(self) -> dict[str, Any]:
        """The displayed fields that are set."""
        values = {name: getattr(self, name) for name in DISPLAYED_FIELDS}
        return {name: value for name, value in values.items() if value is not None}


class PaymentDetails(Protocol):
    """The valid details of one payment method, as the buyer sent them. They exist only during the request."""

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        ...

    @property
    def entry(self) -> StrEnum:
        """How the request reaches the buyer (UpiFlow), or the card reaches the acquirer (CardEntry)."""
        ...

    def instrument(self, tokenize: Callable[[Any], str]) -> Instrument:
        """The details to store. ``tokenize`` returns the acquirer's token for the details."""
        ...

    def fingerprint(self) -> Mapping[str, Any]:
        """The part of the details that identifies the request. Contains only data that may be stored."""
        ...

    def is_expired(self, now: datetime) -> bool:
        """Whether the details have expired."""
        ...
