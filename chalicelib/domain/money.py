"""Money: an integer number of minor units with its currency."""

from dataclasses import dataclass

from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.errors import AmountTooSmallError, BadRequestError, InvalidCurrencyError

DEFAULT_CURRENCY = "INR"
MIN_AMOUNT = 100  # one rupee; also the upper limit of the minimum of every currency
MAX_AMOUNT = 2**53 - 1  # the largest integer that every JSON parser reads exactly
TOO_SMALL = f"amount must be at least {MIN_AMOUNT}"
"""The contract's text for an INR amount that is too small, and for an amount that is not an integer."""

_USUAL_DIGITS = 2


@dataclass(frozen=True)
class Money:
    """An amount of minor units (paise for INR) in a currency.

    The currency may be any code: earlier versions accepted codes that are not in ISO 4217.
    """

    amount: int
    currency: str

    def __str__(self) -> str:
        """The amount in major units with its currency, such as ``500.00 INR``."""
        return f"{self.major} {self.currency}"

    @property
    def major(self) -> str:
        """The exact amount in major units, such as ``500.00``. An unknown code has two digits."""
        digits = MINOR_UNITS.get(self.currency, _USUAL_DIGITS)
        text = str(self.amount).zfill(digits + 1)
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text


def min_amount(currency: str) -> int:
    """The smallest amount of an order: one major unit, at most MIN_AMOUNT. Why: docs/decisions/0015."""
    return int(min(MIN_AMOUNT, 10 ** MINOR_UNITS[currency]))


def parse_money(amount: int, currency: str) -> Money:
    """The money of a new order.

    Raises InvalidCurrencyError before BadRequestError (INR) or AmountTooSmallError (any other currency).
    """
    if currency not in MINOR_UNITS:
        raise InvalidCurrencyError(example=DEFAULT_CURRENCY)
    if amount >= min_amount(currency):
        return Money(amount, currency)
    if currency == DEFAULT_CURRENCY:
        raise BadRequestError(TOO_SMALL, field="amount")
    raise AmountTooSmallError(min_amount(currency), currency)
