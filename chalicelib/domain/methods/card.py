"""Cards, and their validation without network requests.

The number and the CVV are kept in memory for the duration of the request. A ``Card`` is passed only to the
acquirer, which returns a token. Payments store ``network`` and ``last4``. With a ``CardToken`` or a
``CardPage``, the gateway does not receive the number, the network and the last digits.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.card_number import MAX_DIGITS, MIN_DIGITS, holds_luhn_number, passes_luhn
from chalicelib.domain.errors import BadRequestError, ExpiredCardError, InvalidCardError
from chalicelib.domain.instrument import Instrument, PaymentMethod

_SEPARATORS = str.maketrans("", "", " -")
_DIGITS = re.compile(rf"[0-9]{{{MIN_DIGITS},{MAX_DIGITS}}}")
_CVV = re.compile(r"[0-9]{3,4}")
_MONTH = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"[0-9]{2}|[0-9]{4}")
_MONTHS = 12
_CENTURY = 2000
_LAST_ZONE = timedelta(hours=-12)  # UTC-12, where a month ends last; the time zone of the buyer is unknown


class CardNetwork(StrEnum):
    """The network, from the first digits of the number. Unknown networks are accepted."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    RUPAY = "rupay"
    UNKNOWN = "unknown"


class CardEntry(StrEnum):
    """How the buyer's card reaches the acquirer: the number, its token, or a page of the acquirer."""

    NUMBER = "number"
    TOKEN = "token"  # noqa: S105 - not a password
    PAGE = "page"


PAGE_TOKEN = "page"  # noqa: S105 - not a password
"""The token of a payment whose card the buyer enters on the acquirer's page."""
MAX_TOKEN_CHARS = 255  # like every text of a request
TOKEN_PATTERN = f"(?!{PAGE_TOKEN}$)[A-Za-z0-9_-]{{1,{MAX_TOKEN_CHARS}}}"  # the whole text must match


class Authentication(StrEnum):
    """The result of 3-D Secure. ``attempted``: the issuer does not support it, but takes the liability."""

    AUTHENTICATED = "authenticated"
    ATTEMPTED = "attempted"
    NOT_REQUIRED = "not_required"
    FAILED = "failed"


@dataclass(frozen=True)
class Card:
    """A valid card. ``repr`` does not contain the number and the CVV."""

    number: str = field(repr=False)
    cvv: str = field(repr=False)
    expiry_month: int
    expiry_year: int
    holder_name: str

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        return PaymentMethod.CARD

    @property
    def entry(self) -> CardEntry:
        """The number is sent to the acquirer."""
        return CardEntry.NUMBER

    def instrument(self, tokenize: Callable[[Any], str]) -> Instrument:
        """The acquirer's token, the network and the last four digits."""
        return Instrument(
            method=PaymentMethod.CARD,
            token=tokenize(self),
            card_network=self.network,
            card_last4=self.last4,
        )

    def fingerprint(self) -> Mapping[str, Any]:
        """Without the number and the CVV, which are never stored: their hash would reveal them."""
        kept = ("network", "last4", "expiry_month", "expiry_year", "holder_name")
        return {name: getattr(self, name) for name in kept}

    @property
    def last4(self) -> str:
        """The last four digits, for display."""
        return self.number[-4:]

    def is_expired(self, now: datetime) -> bool:
        """Whether the month of expiry has ended in all time zones."""
        in_the_last_zone = now + _LAST_ZONE
        return (self.expiry_year, self.expiry_month) < (in_the_last_zone.year, in_the_last_zone.month)

    @property
    def network(self) -> CardNetwork:
        """The network of the number's prefix."""
        return network_of(self.number)


@dataclass(frozen=True)
class CardToken:
    """A card that the acquirer knows by ``token``, from its script on the page of the merchant."""

    token: str = field(repr=False)

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        return PaymentMethod.CARD

    @property
    def entry(self) -> CardEntry:
        """The token is sent to the acquirer."""
        return CardEntry.TOKEN

    def instrument(self, _tokenize: Callable[[Any], str]) -> Instrument:
        """The token. The network and the last digits are not known."""
        return Instrument(method=PaymentMethod.CARD, token=self.token)

    def fingerprint(self) -> Mapping[str, Any]:
        """The token."""
        return {"card_token": self.token}

    def is_expired(self, _now: datetime) -> bool:
        """The acquirer checks the expiry."""
        return False


@dataclass(frozen=True)
class CardPage:
    """A card that the buyer will enter on the acquirer's page."""

    @property
    def method(self) -> PaymentMethod:
        """The payment method."""
        return PaymentMethod.CARD

    @property
    def entry(self) -> CardEntry:
        """The acquirer asks the buyer."""
        return CardEntry.PAGE

    def instrument(self, _tokenize: Callable[[Any], str]) -> Instrument:
        """PAGE_TOKEN: the card is not known yet."""
        return Instrument(method=PaymentMethod.CARD, token=PAGE_TOKEN)

    def fingerprint(self) -> Mapping[str, Any]:
        """The entry."""
        return {"card_entry": CardEntry.PAGE}

    def is_expired(self, _now: datetime) -> bool:
        """A card that is not known yet does not expire."""
        return False


def parse_card_token(text: str) -> CardToken:
    """The token in ``text``. Raises BadRequestError if it is not one, or contains a card number."""
    if not re.fullmatch(TOKEN_PATTERN, text):
        raise BadRequestError("card_token is not valid", field="card_token")
    if holds_luhn_number(text):
        raise BadRequestError("card_token must not contain a card number", field="card_token")
    return CardToken(text)


def parse_card(*, number: str, expiry_month: str, expiry_year: str, cvv: str, holder_name: str) -> Card:
    """The card with these details. It may be expired.

    Raises InvalidCardError, then ExpiredCardError if the date does not exist, then BadRequestError if the
    holder's name contains a card number, because the name may be stored.
    """
    digits = number.translate(_SEPARATORS)
    if not (_DIGITS.fullmatch(digits) and passes_luhn(digits)):
        raise InvalidCardError
    if not _CVV.fullmatch(cvv):
        raise InvalidCardError(field="card.cvv")
    month, year = _parse_expiry(expiry_month, expiry_year)
    if holds_luhn_number(holder_name):
        raise BadRequestError("card.holder_name must not contain a card number", field="card.holder_name")
    return Card(number=digits, cvv=cvv, expiry_month=month, expiry_year=year, holder_name=holder_name)


def _parse_expiry(month_text: str, year_text: str) -> tuple[int, int]:
    if not (_MONTH.fullmatch(month_text) and _YEAR.fullmatch(year_text)):
        raise ExpiredCardError
    month, year = int(month_text), int(year_text)
    if not 1 <= month <= _MONTHS:
        raise ExpiredCardError
    return month, year if len(year_text) > 2 else year + _CENTURY  # noqa: PLR2004 - 2 digits: this century


def network_of(digits: str) -> CardNetwork:
    """The network of the number, by its prefix."""
    if digits.startswith("4"):
        return CardNetwork.VISA
    prefix = digits[:2]
    if "51" <= prefix <= "55":
        return CardNetwork.MASTERCARD
    if prefix in {"34", "37"}:
        return CardNetwork.AMEX
    if prefix in {"60", "65"} or "81" <= prefix <= "89":
        return CardNetwork.RUPAY
    return CardNetwork.UNKNOWN
