"""The routes of the event feed."""

from chalicelib.api.call import Call
from chalicelib.api.queries import EventsQuery
from chalicelib.api.responses.events import EventView, FeedView
from chalicelib.api.route import Route


def list_events(call: Call, query: EventsQuery) -> FeedView:
    """List the events of the last 30 days in the order in which they were recorded, without gaps.

    Store `next_after` and send it as `after`: each event is returned once. An event is recorded a few seconds
    after it occurs. A page that is empty or short is not the end of the feed.
    """
    return FeedView.of(call.gateway.events.feed(call.merchant.id, query.after, query.type, query.limit))


def get_event(call: Call) -> EventView:
    """Get an event."""
    return EventView.of(call.gateway.events.get(call.path["event_id"], call.merchant.id))


ROUTES = [
    Route("GET", "/api/v1/events", list_events),
    Route("GET", "/api/v1/events/{event_id}", get_event),
]
