"""The result of a reconciliation."""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.money import Money


class Kind(StrEnum):
    """The kinds of differences."""

    MISSING_HERE = "missing here"
    MISSING_THERE = "missing there"
    OTHER_AMOUNT = "other amount"
    CHARGED_TWICE = "charged twice"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference. ``reference`` is the acquirer's id of the charge, ``there`` is its amount."""

    kind: Kind
    payment_id: str | None = None
    reference: str | None = None
    here: Money | None = None
    there: Money | None = None
    note: str = ""

    def __str__(self) -> str:
        """One line."""
        sides = ((self.here, "here"), (self.there, "there"))
        amounts = ", ".join(f"{money} {side}" for money, side in sides if money)
        if self.here == self.there:
            amounts = str(self.here)
        ids = f"{self.payment_id or '-':<20}  {self.reference or '-':<27}"
        return f"{self.kind:<13}  {ids}  {amounts}  {self.note}".rstrip()


@dataclass(kw_only=True)
class Comparison:
    """The counts and differences of one merchant and day.

    ``returned``: approvals that were late, whose money the gateway returned. ``voided``: successful payments
    whose reserved money was released. ``others``: charges that this gateway did not request, if ignored.
    """

    matched: int = 0
    returned: int = 0
    voided: int = 0
    others: int = 0
    differences: list[Difference] = field(default_factory=list)

    def __str__(self) -> str:
        """The counts. Those that are usually 0 are shown only if they are not."""
        count = len(self.differences)
        parts = [f"{self.matched:,} matched", f"{count:,} difference{'' if count == 1 else 's'}"]
        unusual = {
            "returned": self.returned,
            "voided": self.voided,
            "not requested by this gateway": self.others,
        }
        return ", ".join([*parts, *(f"{number:,} {name}" for name, number in unusual.items() if number)])
