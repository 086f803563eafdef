"""Sums of payments, by currency: amounts in different currencies cannot be added."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.payment import Payment


@dataclass(kw_only=True)
class CurrencySum:
    """The sum of successful, not voided payments of one currency, in minor units.

    ``refunded`` includes pending refunds.
    """

    currency: str
    payments: int = 0
    gross: int = 0
    refunded: int = 0

    @property
    def net(self) -> int:
        """What is left after the refunds."""
        return self.gross - self.refunded


def sums_of(payments: Iterable[Payment]) -> list[CurrencySum]:
    """The sums of those of ``payments`` that succeeded and were not voided, sorted by currency."""
    sums: dict[str, CurrencySum] = {}
    for payment in payments:
        if payment.is_kept:
            currency = payment.money.currency
            found = sums.setdefault(currency, CurrencySum(currency=currency))
            found.payments += 1
            found.gross += payment.money.amount
            found.refunded += payment.amount_refunded
    return [sums[currency] for currency in sorted(sums)]
