"""The recorder: reads the stream of the payments and records their events and counters.

It is independent of the relay: its lag and its failures delay no job and no webhook.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.clock import Clock
from chalicelib.domain.event import PaymentEvent
from chalicelib.observability import logger
from chalicelib.store.counters import CounterStore
from chalicelib.store.events import EventStore, NewEvent


@dataclass(frozen=True, kw_only=True)
class PaymentChange:
    """The events of one stream record. ``id`` is the id of the record."""

    id: str
    events: list[PaymentEvent]


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """Records events, one merchant after the other."""

    events: EventStore
    counters: CounterStore
    clock: Clock

    def record(self, changes: Sequence[PaymentChange]) -> set[str]:
        """Record the events of ``changes``. Returns the ids of the changes to deliver again.

        A failure affects only the changes of one merchant.
        """
        counted = self.counters.counted_before([change.id for change in changes if change.events])
        by_merchant: dict[str, list[PaymentChange]] = defaultdict(list)
        for change in changes:
            if change.events:
                by_merchant[change.events[0].merchant_id].append(change)
        failed: set[str] = set()
        for merchant_id, own in by_merchant.items():
            new = [NewEvent(event=event, is_counted=one.id in counted) for one in own for event in one.events]
            try:
                self.events.record(merchant_id, new, now=self.clock())
            except Exception:  # of any kind: the events of the other merchants must be recorded
                logger.exception("events could not be recorded", merchant_id=merchant_id)
                failed.update(change.id for change in own)
        return failed
