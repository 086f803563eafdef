"""Money: an integer of minor units with its currency."""

from dataclasses import dataclass

MIN_AMOUNT = 100
MAX_AMOUNT = 2**53 - 1  # the largest integer that every JSON reader keeps exactly
DEFAULT_CURRENCY = "INR"


@dataclass(frozen=True)
class Money:
    """An amount of minor units (paise for INR) in an ISO 4217 currency."""

    amount: int
    currency: str
