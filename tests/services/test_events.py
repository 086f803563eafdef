"""The event feed has no gaps, with concurrent writers, a stale index and late records."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from chalicelib.domain.errors import BadRequestError, NotFoundError
from chalicelib.domain.event import FEED_PERIOD, EventName
from chalicelib.store.events import EventsByMerchant
from chalicelib.workers.streams import record_events
from tests.cloud import START, Cloud
from tests.rounds import rounds
from tests.services.shop import MERCHANT_ID, feed, logs, paid, pay, refund, set_url

WRITERS, PAYMENTS_EACH = 4, 6


def page(cloud: Cloud, after: str | None = None, name: EventName | None = None, limit: int = 100) -> Any:
    return cloud.gateway.events.feed(MERCHANT_ID, after, name, limit)


@pytest.fixture
def slow_index(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of events that the index does not contain yet."""
    hidden: set[str] = set()
    query = EventsByMerchant.query

    def visible(index: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
        return (row for row in query(index, *arguments, **options) if row.id not in hidden)

    monkeypatch.setattr(EventsByMerchant, "query", visible)
    return hidden


def test_the_feed_has_the_events_of_a_payment_in_order_with_the_bodies_of_its_webhooks(cloud: Cloud):
    set_url(cloud)
    payment = paid(cloud)
    refund(cloud, payment.id, 100)
    cloud.run(for_s=10)
    events = feed(cloud)
    assert [event.name for event in events] == [
        "payment.created",
        "payment.pending",
        "payment.success",
        "refund.created",
        "refund.processed",
    ]
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    sent = [cloud.gateway.webhooks.get(MERCHANT_ID, log.id) for log in logs(cloud)]
    assert {event.id: event.body for event in events} == {log.id: log.body for log in sent}


def test_a_merchant_without_a_webhook_url_has_a_feed(cloud: Cloud):
    paid(cloud)
    assert len(feed(cloud)) == 3


def test_pages_contain_every_event_once(cloud: Cloud):
    for _ in range(5):
        pay(cloud)
    cloud.relay_all()
    everything = [event.id for event in feed(cloud)]
    first = page(cloud, limit=4)
    second = page(cloud, first.last_id, limit=4)
    third = page(cloud, second.last_id, limit=4)
    assert [event.id for one in (first, second, third) for event in one.events] == everything
    assert (len(everything), third.last_id) == (10, everything[-1])
    assert page(cloud, third.last_id).events == []
    assert page(cloud, third.last_id).last_id == third.last_id


def test_a_page_of_one_type_continues_after_the_events_that_it_skipped(cloud: Cloud):
    paid(cloud)
    pay(cloud)
    cloud.relay_all()
    found = page(cloud, name=EventName.PAYMENT_SUCCESS)
    assert [event.name for event in found.events] == ["payment.success"]
    assert found.last_id == feed(cloud)[-1].id
    assert page(cloud, found.last_id, EventName.PAYMENT_SUCCESS).events == []


def test_an_empty_feed_has_no_position(cloud: Cloud):
    assert page(cloud) == page(cloud, limit=1)
    assert (page(cloud).events, page(cloud).last_id) == ([], None)


@pytest.mark.parametrize("after", ["unknown", "x" * 300])
def test_an_unknown_position_is_an_error_that_names_the_field(cloud: Cloud, after: str):
    with pytest.raises(BadRequestError) as refused:
        page(cloud, after)
    assert refused.value.field == "after"


def test_events_of_another_merchant_are_invisible(cloud: Cloud):
    paid(cloud)
    event = feed(cloud)[0]
    with pytest.raises(BadRequestError):
        cloud.gateway.events.feed("another", event.id, None, 10)
    with pytest.raises(NotFoundError):
        cloud.gateway.events.get(event.id, "another")
    assert cloud.gateway.events.feed("another", None, None, 10).events == []
    assert cloud.gateway.events.get(event.id, MERCHANT_ID) == event


def test_a_page_ends_before_an_event_that_the_index_does_not_contain_yet(cloud: Cloud, slow_index: set[str]):
    for _ in range(3):
        pay(cloud)
    cloud.relay_all()
    everything = [event.id for event in feed(cloud)]
    slow_index.add(everything[2])
    first = page(cloud)
    assert ([event.id for event in first.events], first.last_id) == (everything[:2], everything[1])
    assert page(cloud, first.last_id).events == []
    slow_index.clear()
    assert [event.id for event in page(cloud, first.last_id).events] == everything[2:]


def test_a_feed_whose_first_event_is_not_visible_yet_is_empty(cloud: Cloud, slow_index: set[str]):
    pay(cloud)
    cloud.relay_all()
    first, second = feed(cloud)
    slow_index.add(first.id)
    assert page(cloud).events == []
    slow_index.clear()
    slow_index.add(second.id)
    assert [event.id for event in page(cloud).events] == [first.id]


def test_the_feed_without_a_position_starts_with_the_events_of_the_last_30_days(cloud: Cloud):
    pay(cloud)
    cloud.relay_all()
    old = [event.id for event in feed(cloud)]
    cloud.time.shift(timedelta(hours=1))
    pay(cloud)
    cloud.relay_all()
    cloud.time.move_to(START + FEED_PERIOD + timedelta(minutes=30))
    assert len(feed(cloud)) == 2
    assert not {event.id for event in feed(cloud)} & set(old)
    assert len(page(cloud, old[0]).events) == 3, "a stored position remains valid"


def test_the_clock_of_another_recorder_may_be_behind(cloud: Cloud):
    pay(cloud)
    cloud.relay_all()
    cloud.time.shift(timedelta(minutes=-5))
    pay(cloud)
    cloud.relay_all()
    keys = [event.feed_key for event in feed(cloud)]
    assert len(keys) == 4
    assert keys == sorted(keys)


@pytest.mark.sensitive("threads write to one feed")
def test_readers_miss_no_event_while_writers_record_at_once(cloud: Cloud, slow_index: set[str]):
    """Each writer is a recorder with some of the payments. The index lacks random events for a while."""
    for _ in range(WRITERS * PAYMENTS_EACH):
        pay(cloud)
    records = cloud.stream_records("test-payments")
    shares = [records[number::WRITERS] for number in range(WRITERS)]
    random, read, after = Random(1), [], None
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [
            pool.submit(lambda share: [record_events(cloud.gateway, [one]) for one in share], share)
            for share in shares
        ]
        for _ in rounds("the reader has read every event", at_most=2_000):
            rows = [row["id"]["S"] for row in cloud.rows("test-events")]
            slow_index.clear()
            slow_index.update(one for one in rows if random.random() < 0.3)
            found = page(cloud, after)
            read += [event.id for event in found.events]
            after = found.last_id
            if len(read) >= 2 * len(records):
                break
        assert all(failed == {"batchItemFailures": []} for one in writing for failed in one.result())
    slow_index.clear()
    assert read == [event.id for event in feed(cloud)]
    assert len(read) == len(set(read)) == 2 * len(records)


def test_a_failure_affects_the_events_of_one_merchant(cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
    pay(cloud)
    (record,) = cloud.stream_records("test-payments")
    other = deepcopy(record) | {"eventID": "other"}
    other["dynamodb"]["NewImage"]["merchant_id"] = {"S": "another"}
    other["dynamodb"]["SequenceNumber"] = "7"
    write_events = cloud.gateway.recorder.events.record

    def fail(merchant_id: str, *rest: Any, **options: Any) -> None:
        if merchant_id == "another":
            raise OSError
        write_events(merchant_id, *rest, **options)

    monkeypatch.setattr(type(cloud.gateway.recorder.events), "record", staticmethod(fail))
    failed = record_events(cloud.gateway, [other, record])
    assert failed == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert len(feed(cloud)) == 2
