"""UPI: the buyer approves in a UPI app. In INR only.

The request reaches the app through the buyer's virtual payment address (VPA), ``name@bank``, or through a
link, which a QR code also shows.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.card_number import holds_luhn_number
from chalicelib.domain.errors import BadRequestError, InvalidVpaError
from chalicelib.domain.instrument import Instrument, PaymentMethod, UpiFlow

CURRENCIES = frozenset({"INR"})
MAX_VPA_CHARS = 255  # like every text of a request
VPA_PATTERN = "[a-zA-Z0-9._-]+@[a-zA-Z0-9]+"  # the whole text must match


@dataclass(frozen=True)
class Vpa:
    """A valid virtual payment address."""

    address: str

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        return PaymentMethod.UPI

    @property
    def entry(self) -> UpiFlow:
        """A request to the address."""
        return UpiFlow.COLLECT

    def instrument(self, _tokenize: Callable[[Any], str]) -> Instrument:
        """The address is its own token."""
        return Instrument(
            method=PaymentMethod.UPI, token=self.address, flow=UpiFlow.COLLECT, vpa=self.address
        )

    def fingerprint(self) -> Mapping[str, Any]:
        """The address."""
        return {"vpa": self.address}

    def is_expired(self, _now: datetime) -> bool:
        """An address does not expire."""
        return False


@dataclass(frozen=True)
class UpiLink:
    """A request that any UPI app can open: ``flow`` is ``intent`` or ``qr``."""

    flow: UpiFlow

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        return PaymentMethod.UPI

    @property
    def entry(self) -> UpiFlow:
        """The flow."""
        return self.flow

    def instrument(self, _tokenize: Callable[[Any], str]) -> Instrument:
        """No token: the buyer is not known yet."""
        return Instrument(method=PaymentMethod.UPI, token="", flow=self.flow)

    def fingerprint(self) -> Mapping[str, Any]:
        """The flow."""
        return {"flow": self.flow}

    def is_expired(self, _now: datetime) -> bool:
        """A link that does not exist yet does not expire."""
        return False


def check_currency(currency: str) -> None:
    """Raise BadRequestError if UPI cannot pay orders in ``currency``."""
    if currency not in CURRENCIES:
        raise BadRequestError(f"Orders in {currency} cannot be paid by upi", field="method")


def parse_vpa(text: str) -> str:
    """``text`` if it is a VPA of at most MAX_VPA_CHARS without a card number. Raises InvalidVpaError."""
    if len(text) > MAX_VPA_CHARS or not re.fullmatch(VPA_PATTERN, text):
        raise InvalidVpaError
    if holds_luhn_number(text):
        raise InvalidVpaError("vpa must not contain a card number")
    return text
