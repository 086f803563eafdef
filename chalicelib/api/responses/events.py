"""Response bodies of events."""

import json
from collections.abc import Sequence
from typing import Self

from pydantic import JsonValue

from chalicelib.api.fields import Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.event import EventName, RecordedEvent
from chalicelib.store.events import FeedPage


class EventView(View):
    """An event. ``id`` is the ``webhook-id`` of its webhooks; ``sequence`` orders the events of a payment."""

    id: str
    type: EventName
    created_at: Timestamp
    sequence: int
    data: dict[str, JsonValue]

    @classmethod
    def of(cls, event: RecordedEvent) -> Self:
        """The fields of ``event``."""
        fields = {"type": event.name, "data": json.loads(event.body)["data"]}
        return cls.model_validate(vars(event) | fields)


class FeedView(View):
    """A page of the event feed, oldest first.

    ``next_after`` is the ``after`` of the next page. It is null only if there are no events.
    """

    data: Sequence[EventView]
    next_after: str | None

    @classmethod
    def of(cls, feed: FeedPage) -> Self:
        """The fields of ``feed``."""
        return cls(data=[EventView.of(event) for event in feed.events], next_after=feed.last_id)
