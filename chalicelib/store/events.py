"""Events in DynamoDB: the feed of each merchant, in the order in which its events were recorded.

The row of an event shows that the event was recorded, so a stream may deliver the same change repeatedly. New
events and the increments of the merchant's counters are one transaction.

The events of a merchant are a chain: each row has the feed key of its predecessor. The counter
``total#events`` has the key of the newest event, and each transaction requires that it is unchanged. A reader
of the index, which can lag behind in any order, therefore knows whether an event is still missing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.domain.counters import Key, count_event
from chalicelib.domain.event import (
    FEED_PERIOD,
    RETENTION,
    Event,
    EventName,
    PaymentEvent,
    RecordedEvent,
)
from chalicelib.domain.times import iso
from chalicelib.store import write
from chalicelib.store.counters import CounterStore, Position

MAX_EVENTS = 50  # of a transaction, which is limited to 4 MB; an event has at most 64 KB
MAX_TRIES = 10  # of record_with(), while other events are recorded
DELETED_EARLIER = timedelta(hours=1)  # parts of a long export must not meet the deletion of events
MAX_READ = 1_000  # index rows that a page reads to find events of one type


class EventsByMerchant(GlobalSecondaryIndex["EventRow"]):
    """The events of a merchant, oldest first, without their bodies."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(["name", "previous"])

    merchant_id = UnicodeAttribute(hash_key=True)
    feed_key = UnicodeAttribute(range_key=True)


class EventRow(Model):
    """An event. ``feed_key`` is the time at which it was recorded, and its position in the feed."""

    class Meta:
        table_name = "events"

    id = UnicodeAttribute(hash_key=True)
    merchant_id = UnicodeAttribute()
    feed_key = UnicodeAttribute()
    previous = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    payment_id = UnicodeAttribute(null=True)
    sequence = NumberAttribute()
    body = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    expires_at = TTLAttribute()
    by_merchant = EventsByMerchant()


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event to record. ``is_counted``: an earlier version has already counted it."""

    event: Event
    is_counted: bool = False


@dataclass(frozen=True, kw_only=True)
class FeedPage:
    """The next events of a feed. ``last_id``: the last event that was read, None if there is none."""

    events: list[RecordedEvent]
    last_id: str | None


@dataclass(frozen=True, kw_only=True)
class FeedPart:
    """A part of a feed. ``next_key``: where it ended, None if no later event was visible."""

    events: list[RecordedEvent]
    next_key: str | None


class EventStore:
    """The events of all merchants."""

    def __init__(self, table: type[EventRow], counters: CounterStore) -> None:
        self._table = table
        self._counters = counters

    def record(self, merchant_id: str, events: Sequence[NewEvent], *, now: datetime) -> None:
        """Append the merchant's ``events`` that are not recorded yet, in this order, and count them.

        Two requests for some dozens of events, and two more for each concurrent writer of the same feed.
        Raises BusyError; the first events may be recorded.
        """
        pending = list({one.event.id: one for one in events}.values())
        while pending:
            batch, rest = _batch(pending)
            recorded_before = self._try(merchant_id, batch, now)
            pending = [] if recorded_before is None else [one for one in batch if one not in recorded_before]
            pending += rest

    def record_with(self, event: Event, writes: Sequence[write.Write], *, now: datetime) -> bool:
        """Append ``event`` and apply ``writes`` in one transaction. Two requests, more while others append.

        False, without a change, if the event exists or a condition of ``writes`` fails. Raises BusyError.
        """
        for _ in range(MAX_TRIES):
            newest = self._counters.position(event.merchant_id)
            new = [NewEvent(event=event)]
            appending = self._appending(event.merchant_id, new, newest, now, max_moved=0)
            try:
                write.transact([*appending, *writes])
            except write.ConditionFailedError as failure:
                if failure.indexes != [1]:  # 1 is the end of the feed, which another event has moved
                    return False
            else:
                return True
        raise write.BusyError

    def get(self, event_id: str, merchant_id: str) -> RecordedEvent | None:
        """The event, None if it does not exist or belongs to another merchant. One request."""
        try:
            event = event_from_row(self._table.get(event_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None
        return event if event.merchant_id == merchant_id else None

    def page(
        self,
        merchant_id: str,
        *,
        after: RecordedEvent | None,
        name: EventName | None,
        limit: int,
        now: datetime,
    ) -> FeedPage:
        """The events after ``after``, or from the oldest of the FEED_PERIOD on. Two requests or more.

        The page ends before an event whose predecessor is not visible yet.
        """
        start = after.feed_key if after else iso(now - FEED_PERIOD)
        found: list[str] = []
        last_id = after.id if after else None
        max_read = MAX_READ if name else limit
        for row in self._chain(merchant_id, start, max_read, is_event=after is not None):
            last_id = row.id
            if name in {None, row.name}:
                found.append(row.id)
            if len(found) == limit:
                break
        return FeedPage(events=self._get_all(found), last_id=last_id)

    def between(
        self,
        merchant_id: str,
        *,
        since: datetime | None,
        before: datetime | None,
        after: str | None,
        limit: int,
        now: datetime,
    ) -> "FeedPart":
        """At most ``limit`` events that were recorded from ``since`` to ``before``, in the order of the feed.

        ``after`` is the key at which the previous part ended. Two requests, one more for each 100 events.
        Without ``since``, or if it is earlier, starts at the oldest event that is not about to be deleted.
        The part ends before an event whose predecessor is not visible yet.
        """
        starts = [after, iso(since) if since else None, iso(now - RETENTION + DELETED_EARLIER)]
        start = max(each for each in starts if each)
        if before and iso(before) <= start:
            return FeedPart(events=[], next_key=None)
        key = self._table.feed_key
        keys = key.between(start, iso(before)) if before else key >= start  # also the event of ``start``
        found = self._table.by_merchant.query(merchant_id, range_key_condition=keys, limit=limit + 2)
        rows = [row for row in found if row.feed_key != start]
        linked = list(_linked(rows, start, is_event="#" in start))[:limit]
        next_key = (linked[-1].feed_key if linked else start) if len(linked) < len(rows) else None
        return FeedPart(events=self._get_all([row.id for row in linked]), next_key=next_key)

    def _chain(self, merchant_id: str, start: str, limit: int, *, is_event: bool) -> Iterator[EventRow]:
        """At most ``limit`` index rows after ``start``, up to the first one whose predecessor is missing."""
        rows = self._table.by_merchant.query(
            merchant_id, range_key_condition=self._table.feed_key > start, limit=limit
        )
        return _linked(rows, start, is_event=is_event)

    def _get_all(self, ids: Sequence[str]) -> list[RecordedEvent]:
        """The events with these ids, in this order."""
        rows = {row.id: event_from_row(row) for row in self._table.batch_get(list(ids), consistent_read=True)}
        return [rows[id_] for id_ in ids if id_ in rows]

    def _try(self, merchant_id: str, batch: Sequence[NewEvent], now: datetime) -> Sequence[NewEvent] | None:
        """Record ``batch``. If nothing was recorded: those that were recorded before. None after success."""
        newest = self._counters.position(merchant_id)
        max_moved = write.MAX_ITEMS - len(batch) - 1
        try:
            write.transact(self._appending(merchant_id, batch, newest, now, max_moved=max_moved))
        except write.ConditionFailedError as failure:
            return [batch[index] for index in failure.indexes if index < len(batch)]
        return None

    def _appending(
        self, merchant_id: str, batch: Sequence[NewEvent], newest: Position, now: datetime, *, max_moved: int
    ) -> list[write.Put | write.Update]:
        """The writes that append ``batch`` to the feed: the events, the end of the feed, and the counters."""
        rows = self._rows(merchant_id, batch, newest, now)
        is_new = self._table.id.does_not_exist()
        end = Position(count=newest.count + len(rows), key=rows[-1].feed_key)
        puts = [write.Put(row=row, condition=is_new) for row in rows]
        return [*puts, *self._counters.advance(merchant_id, newest, end, _sums(batch), max_moved=max_moved)]

    def _rows(
        self, merchant_id: str, batch: Sequence[NewEvent], newest: Position, now: datetime
    ) -> list[EventRow]:
        at = max(iso(now), newest.time)  # the clock of another process can be ahead
        keys = [f"{at}#{newest.count + number:015}" for number in range(1, len(batch) + 1)]
        return [
            self._table(
                id=one.event.id,
                merchant_id=merchant_id,
                feed_key=key,
                previous=previous or None,
                name=one.event.name,
                payment_id=one.event.payment.id if isinstance(one.event, PaymentEvent) else None,
                sequence=one.event.sequence,
                body=one.event.body(),
                created_at=one.event.at,
                expires_at=now + RETENTION,
            )
            for one, key, previous in zip(batch, keys, [newest.key, *keys], strict=False)
        ]


def _linked(rows: Iterable[EventRow], start: str, *, is_event: bool) -> Iterator[EventRow]:
    """The rows after ``start`` up to the first one whose predecessor is missing.

    ``is_event``: ``start`` is the key of an event, else a time.
    """
    last = start
    for row in rows:
        is_next = row.previous == last
        if not is_next and (is_event or (row.previous or "") >= start):
            return
        last, is_event = row.feed_key, True
        yield row


def _sums(batch: Sequence[NewEvent]) -> Mapping[str, int]:
    sums: Counter[str] = Counter()
    for one in batch:
        if not one.is_counted:
            sums.update({key.name: value for key, value in count_event(one.event).items()})
    return sums


def _batch(pending: list[NewEvent]) -> tuple[list[NewEvent], list[NewEvent]]:
    """As many of ``pending`` as one transaction holds, and the rest.

    A transaction adds fewer counters than the next one can move, so the row of the held counters stays small.
    """
    keys: set[Key] = set()
    for index, one in enumerate(pending):
        keys |= count_event(one.event).keys()
        if index and (index == MAX_EVENTS or index + 2 + len(keys) > write.MAX_ITEMS):
            return pending[:index], pending[index:]
    return pending, []


def event_from_row(row: EventRow) -> RecordedEvent:
    """The event of a row."""
    return RecordedEvent(
        id=row.id,
        merchant_id=row.merchant_id,
        name=EventName(row.name),
        payment_id=row.payment_id,
        sequence=int(row.sequence),
        body=row.body,
        created_at=row.created_at,
        feed_key=row.feed_key,
    )
