"""The event feed of a merchant."""

from dataclasses import dataclass

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import EventName, RecordedEvent
from chalicelib.store.events import EventStore, FeedPage


@dataclass(frozen=True, kw_only=True)
class EventService:
    """Reads recorded events."""

    events: EventStore
    clock: Clock

    def get(self, event_id: str, merchant_id: str) -> RecordedEvent:
        """The merchant's event. 1 request. Raises NotFoundError."""
        event = self.events.get(event_id, merchant_id)
        if event is None:
            raise NotFoundError("Event")
        return event

    def feed(self, merchant_id: str, after: str | None, name: EventName | None, limit: int) -> FeedPage:
        """Up to ``limit`` events after the one with the id ``after``. 2 requests or more.

        Raises BadRequestError if ``after`` is not the id of one of the merchant's events.
        """
        start = self.events.get(after, merchant_id) if after else None
        if after and start is None:
            raise BadRequestError("after must be the id of one of your events", field="after")
        return self.events.page(merchant_id, after=start, name=name, limit=limit, now=self.clock())
