"""The event feed, compared with the rows that cause the events, and with what its readers received."""

import json
from collections import Counter, defaultdict
from typing import Any

from chalicelib.domain.event import EventName
from chalicelib.domain.payment import VoidReason
from chalicelib.domain.webhook_endpoint import DisabledReason, EndpointKey
from tests.simulation.world import World


def every_event_is_in_the_feed_once_and_in_order(world: World) -> None:
    """The feed has the events that follow from the rows; those of a payment are in their order."""
    feed = feed_of(world)
    recorded = Counter((subject_of(row), row["name"]) for row in feed)
    happened = Counter(happened_events(world))
    assert recorded == happened, f"missing {happened - recorded}, duplicated {recorded - happened}"
    numbers = defaultdict(list)
    for row in feed:
        numbers[row.get("payment_id")].append(row["sequence"])
    for payment in world.rows("payments"):
        sequence = numbers[payment["id"]]
        assert sequence == list(range(1, payment["sequence"] + 1)), f"{payment['id']}: {sequence}"


def every_event_names_its_predecessor(world: World) -> None:
    """A reader can therefore detect that an event is not visible yet."""
    feed = feed_of(world)
    predecessors = [None, *(row["feed_key"] for row in feed)]
    assert [row.get("previous") for row in feed] == predecessors[:-1]


def readers_of_the_feed_missed_nothing(world: World) -> None:
    """The events that a reader received, page by page, are the first ones of the final feed."""
    feed = [row["id"] for row in feed_of(world)]
    for received in world.feed_readers:
        assert received == feed[: len(received)], f"received {received} of {feed}"


def feed_of(world: World) -> list[dict[str, Any]]:
    """The rows of the feed, oldest first. A story has one merchant."""
    rows = sorted(world.rows("events"), key=lambda row: str(row["feed_key"]))
    assert len({row["merchant_id"] for row in rows}) <= 1
    return rows


def happened_events(world: World) -> list[tuple[str, str]]:
    """The subject and the name of each event that follows from the rows."""
    events = []
    for payment in world.rows("payments"):
        is_refused = payment.get("void_reason") == VoidReason.CAPTURE_REFUSED
        names = ["created", "pending", payment["status"]]
        names += ["captured"] * (is_refused or bool(payment.get("captured_at")))
        names += ["voided"] * bool(payment.get("voided_at"))
        names += ["requires_action"] * bool(payment.get("next_action"))
        names += ["late_authorized"] * bool(payment.get("late_authorized_at"))
        events += [(payment["id"], f"payment.{name}") for name in names]
    for refund in world.rows("refunds"):
        events += [(refund["id"], f"refund.{name}") for name in ("created", refund["status"])]
    for endpoint in world.rows("merchants"):
        if endpoint.get("webhook_disabled_reason") == DisabledReason.FAILING:
            events.append(
                (EndpointKey.parse(endpoint["id"]).endpoint_id, EventName.WEBHOOK_ENDPOINT_DISABLED)
            )
    return events


def subject_of(row: dict[str, Any]) -> str:
    """The id of the refund, the payment or the webhook endpoint of an event or of its log."""
    data = json.loads(row["body"])["data"]
    return str((data.get("refund") or data.get("payment") or data["webhook_endpoint"])["id"])
