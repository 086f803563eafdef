"""The clocks of merchants, in the merchants' rows. Not used in production."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.clock import REAL
from chalicelib.domain.merchant_clock import MerchantClock
from chalicelib.store import write
from chalicelib.store.merchants import MerchantRow

_MS = timedelta(milliseconds=1)
_ATTRIBUTES = ["id", "clock_offset_ms", "clock_target", "clock_leased_until"]


class MerchantClockStore:
    """The clocks, by merchant."""

    def __init__(self, table: type[MerchantRow]) -> None:
        self._table = table

    def get(self, merchant_id: str) -> MerchantClock:
        """The clock, read consistently; that of the real time if it was never moved. One request."""
        try:
            row = self._table.get(merchant_id, consistent_read=True, attributes_to_get=_ATTRIBUTES)
        except self._table.DoesNotExist:
            return MerchantClock()
        return _clock(row)

    def offset_of(self, merchant_id: str | None) -> timedelta:
        """How far the clock is ahead. One request, none without an id."""
        return self.get(merchant_id).offset if merchant_id else REAL

    def lease(self, merchant_id: str, *, target: datetime, now: datetime, until: datetime) -> bool:
        """Take the right to advance the clock to ``target``, until ``until`` in real time. One request.

        False if another request holds it. An earlier target is replaced.
        """
        table = self._table
        is_free = table.clock_leased_until.does_not_exist() | (table.clock_leased_until <= now)
        actions = [table.clock_target.set(target), table.clock_leased_until.set(until)]
        return self._is_updated(merchant_id, actions, table.id.exists() & is_free)

    def move(self, merchant_id: str, offset: timedelta, *, leased_until: datetime) -> bool:
        """Move the clock ahead to ``offset``; it never moves backwards. One request.

        False if the lease was lost or the clock is further ahead.
        """
        table, offset_ms = self._table, offset // _MS
        is_behind = table.clock_offset_ms.does_not_exist() | (table.clock_offset_ms <= offset_ms)
        condition = (table.clock_leased_until == leased_until) & is_behind
        return self._is_updated(merchant_id, [table.clock_offset_ms.set(offset_ms)], condition)

    def release(self, merchant_id: str, *, leased_until: datetime, is_finished: bool) -> bool:
        """End the lease. The target is kept unless the advance ``is_finished``. One request."""
        table = self._table
        actions: list[Action] = [table.clock_leased_until.remove()]
        if is_finished:
            actions.append(table.clock_target.remove())
        return self._is_updated(merchant_id, actions, table.clock_leased_until == leased_until)

    def _is_updated(self, merchant_id: str, actions: Sequence[Action], condition: Condition) -> bool:
        try:
            write.update(self._table(merchant_id), actions, condition)
        except write.ConditionFailedError:
            return False
        return True


def _clock(row: MerchantRow) -> MerchantClock:
    return MerchantClock(
        offset=int(row.clock_offset_ms or 0) * _MS,
        target=row.clock_target,
        leased_until=row.clock_leased_until,
    )
