"""The declines that a merchant planned for its next payments at the simulated acquirer. Not in production.

A merchant has one row in the table of the charges. Its lists only grow: the payment at position n of
``payments`` has the decline at position n of ``codes``. TTL deletes the row.
"""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import ListAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.expressions.condition import size
from pynamodb.models import Model

from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.times import iso
from chalicelib.store import write

MAX_PLANNED = 500  # of one merchant until the row is deleted: about 40 KB
KEPT_FOR = timedelta(days=1)  # after the latest plan; a payment is decided within an hour
_PREFIX = "declines_"


class PlannedDeclinesRow(Model):
    """The planned declines of a merchant, the times of the plans, and the payments that they declined."""

    class Meta:
        table_name = "simulated_charges"

    id = UnicodeAttribute(hash_key=True)
    codes: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    planned_at: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    payments: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute)
    expires_at = TTLAttribute()


class PlannedDeclineStore:
    """The planned declines of each merchant."""

    def __init__(self, table: type[PlannedDeclinesRow]) -> None:
        self._table = table

    def plan(self, merchant_id: str, codes: list[DeclineCode], *, now: datetime) -> list[DeclineCode] | None:
        """Add declines. Returns those that no payment has, or None above MAX_PLANNED. One request."""
        table = self._table
        actions = [
            table.codes.set((table.codes | []).append([str(code) for code in codes])),
            table.planned_at.set((table.planned_at | []).append([iso(now)] * len(codes))),
            table.payments.set(table.payments | []),
            table.expires_at.set(now + KEPT_FOR),
        ]
        has_room = table.codes.does_not_exist() | (size(table.codes) <= MAX_PLANNED - len(codes))
        try:
            row = write.update(table(_id(merchant_id)), actions, has_room)
        except write.ConditionFailedError:
            return None
        return [DeclineCode(code) for code in row.codes[len(row.payments) :]]

    def take(self, merchant_id: str, payment: str, *, due_at: datetime) -> DeclineCode | None:
        """The decline of a payment that is due at ``due_at``: the next one, if it was planned before that.

        The same for the same payment. One request, and another one if there is a decline.
        """
        row = self._get(merchant_id)
        while row is not None and payment not in row.payments:
            taken = len(row.payments)
            if taken >= len(row.codes) or row.planned_at[taken] > iso(due_at):
                return None
            try:
                row = self._take(merchant_id, payment, taken)
            except write.ConditionFailedError as failure:  # another payment has taken it
                row = failure.row
        return _decline(row, payment)

    def taken(self, merchant_id: str, payment: str) -> DeclineCode | None:
        """The decline that ``take`` returned for the payment. One request."""
        return _decline(self._get(merchant_id), payment)

    def _take(self, merchant_id: str, payment: str, taken: int) -> PlannedDeclinesRow:
        table = self._table
        actions = [table.payments.set(table.payments.append([payment]))]
        return write.update(table(_id(merchant_id)), actions, size(table.payments) == taken)

    def _get(self, merchant_id: str) -> PlannedDeclinesRow | None:
        try:
            return self._table.get(_id(merchant_id), consistent_read=True)
        except self._table.DoesNotExist:
            return None


def _id(merchant_id: str) -> str:
    return f"{_PREFIX}{merchant_id}"


def _decline(row: PlannedDeclinesRow | None, payment: str) -> DeclineCode | None:
    if row is None or payment not in row.payments:
        return None
    return DeclineCode(row.codes[row.payments.index(payment)])
