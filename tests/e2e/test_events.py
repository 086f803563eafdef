"""The event feed: its pages, its order, and catching up after an outage of the receiver."""

from datetime import datetime

import pytest

from infra.local.receiver import Behaviour
from tests.e2e.api import UNREACHABLE_URL, Api, Json, assert_error, eventually
from tests.rounds import rounds

pytestmark = pytest.mark.contract("12")
MAX_PAGES = 20
OF_A_PAYMENT = ["payment.created", "payment.pending", "payment.success"]


def follow(merchant: Api, after: str | None = None, *, limit: int = 2) -> list[Json]:
    """The events of all pages after ``after``."""
    events: list[Json] = []
    for _ in rounds("a page is empty", at_most=MAX_PAGES):
        page = merchant.get(f"/events?limit={limit}" + (f"&after={after}" if after else "")).json()
        assert set(page) == {"data", "next_after"}
        assert len(page["data"]) <= limit
        if not page["data"]:
            assert page["next_after"] == after
            break
        after = page["next_after"]
        assert after == page["data"][-1]["id"]
        events += page["data"]
    return events


@pytest.mark.contract("12", "GET /events")
def test_the_feed_has_the_events_of_the_webhooks_in_order(merchant):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    payment = merchant.paid()
    refund = merchant.refund(payment["id"], 100)
    events = merchant.events(count=5)
    assert [event["type"] for event in events] == [*OF_A_PAYMENT, "refund.created", "refund.processed"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert {event["data"]["payment"]["id"] for event in events} == {payment["id"]}
    assert events[-1]["data"]["refund"]["id"] == refund["id"]
    logs = eventually(lambda: len(logs := merchant.logs()) == 5 and logs)
    assert {event["id"] for event in events} == {log["id"] for log in logs}
    for event in events:
        assert set(event) == {"id", "type", "created_at", "sequence", "data"}
        assert datetime.fromisoformat(event["created_at"])


@pytest.mark.contract("12", "GET /events")
def test_pages_return_each_event_once_and_a_type_selects_events(merchant):
    for _ in range(2):
        merchant.paid()
    events = merchant.events(count=6)
    assert follow(merchant) == events
    assert follow(merchant, events[2]["id"]) == events[3:]
    page = merchant.get("/events?type=payment.success&limit=1").json()
    assert [event["type"] for event in page["data"]] == ["payment.success"]
    rest = merchant.get(f"/events?type=payment.success&after={page['next_after']}").json()
    assert [event["type"] for event in rest["data"]] == ["payment.success"]
    assert rest["next_after"] == events[-1]["id"]


@pytest.mark.contract("12", "GET /events")
def test_a_merchant_without_events_has_an_empty_feed(merchant):
    assert merchant.get("/events").json() == {"data": [], "next_after": None}


@pytest.mark.contract("12", "GET /events")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=00000000-0000-4000-8000-000000000000", "after"),
        ("after=nonsense", "after"),
        ("type=payment.unknown", "type"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
    ],
)
def test_an_invalid_query_is_rejected_and_names_the_field(merchant, query, field):
    assert_error(merchant.get(f"/events?{query}"), 400, "BAD_REQUEST_ERROR", field=field)


@pytest.mark.contract("12", "GET /events")
def test_a_merchant_who_missed_the_webhooks_can_catch_up(merchant):
    """The receiver rejects the webhooks of some payments. Afterwards, the feed has all of its events."""
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        merchant.paid()
        receiver.wait_for(count=3)
        position = merchant.events(count=3)[-1]["id"]
        receiver.behaviour = Behaviour(status=500)
        missed = [merchant.paid()["id"] for _ in range(2)]
        eventually(lambda: len(merchant.get(f"/events?after={position}").json()["data"]) == 6)
        caught_up = follow(merchant, position)
    assert sorted({event["data"]["payment"]["id"] for event in caught_up}) == sorted(missed)
    for payment_id in missed:
        own = [event["type"] for event in caught_up if event["data"]["payment"]["id"] == payment_id]
        assert own == OF_A_PAYMENT


@pytest.mark.contract("12", "GET /events/{event_id}")
def test_an_event_can_be_read_by_its_id(merchant, other_merchant):
    merchant.payment()
    event = merchant.events()[0]
    assert merchant.get(f"/events/{event['id']}").json() == event
    for response in (other_merchant.get(f"/events/{event['id']}"), merchant.get("/events/nonsense")):
        assert_error(response, 404, "NOT_FOUND_ERROR", "Event not found")
