"""Events and counters are exact for any number of deliveries, order and batch of the stream's changes."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.workers.streams import record_events, relay_changes
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT_ID, feed, order, paid, pay, refund, send_test, set_url


def totals(cloud: Cloud) -> dict[str, int]:
    return {name: value for name, value in cloud.gateway.stats.counters.read(MERCHANT_ID).items() if value}


def counted_rows(cloud: Cloud) -> dict[str, int]:
    """The totals, calculated from the rows."""
    expected: Counter[str] = Counter()
    for row in cloud.rows("test-payments"):
        method, status = row["method"]["S"], row["status"]["S"]
        expected[f"total#payments#{method}#{status}"] += 1
        if status == "success":
            expected[f"total#volume#INR#{method}"] += int(row["amount"]["N"])
    expected["total#events"] = len(cloud.rows("test-events"))
    return {name: value for name, value in expected.items() if value}


def events_of_rows(cloud: Cloud) -> int:
    """The number of events, calculated from the rows."""
    payments, refunds = cloud.rows("test-payments"), cloud.rows("test-refunds")
    settled = [row for row in (*payments, *refunds) if row["status"]["S"] != "pending"]
    return 2 * len(payments) + len(refunds) + len(settled)


def assert_exact(cloud: Cloud) -> None:
    """Each event is in the feed once and in the order of its payment, and the counters equal the rows."""
    events = feed(cloud)
    assert len({event.id for event in events}) == len(events) == events_of_rows(cloud)
    for payment_id in {event.payment_id for event in events}:
        sequence = [event.sequence for event in events if event.payment_id == payment_id]
        assert sequence == list(range(1, len(sequence) + 1))
    assert totals(cloud) == counted_rows(cloud)


def lively(cloud: Cloud) -> None:
    """Successful and failed payments, refunds, and delivered and failed webhooks."""
    set_url(cloud)
    cloud.sender.script = [500] * 3
    payment = paid(cloud)
    refund(cloud, payment.id, 100)
    cloud.acquirer.approves = False
    pay(cloud)
    cloud.run(for_s=70)
    cloud.acquirer.refunds_succeed = False
    refund(cloud, payment.id, 100)
    order(cloud)
    send_test(cloud)
    cloud.run(for_s=10)


def test_events_and_counters_equal_the_rows(cloud: Cloud):
    lively(cloud)
    assert_exact(cloud)


@pytest.mark.parametrize("seed", range(2))
def test_redelivered_and_bisected_batches_are_recorded_once(cloud: Cloud, seed: int):
    delivered: list[dict[str, Any]] = []
    take = cloud.stream_records

    def record(*tables: str) -> list[dict[str, Any]]:
        records = take(*tables)
        delivered.extend(one for one in records if "payments" in one["eventSourceARN"])
        return records

    cloud.stream_records = record  # type: ignore[method-assign]
    lively(cloud)
    random = Random(seed)
    for _ in range(8):
        batch = random.sample(delivered, random.randint(1, len(delivered)))
        middle = random.randint(0, len(batch))
        for half in (batch[:middle], batch[middle:], batch):
            assert record_events(cloud.gateway, half) == {"batchItemFailures": []}
    assert_exact(cloud)


def test_more_events_than_a_transaction_holds_are_all_recorded(cloud: Cloud):
    for _ in range(70):
        pay(cloud)
    records = cloud.stream_records("test-payments")
    for _ in range(2):
        record_events(cloud.gateway, records)
    assert totals(cloud) == {"total#events": 140, "total#payments#upi#pending": 70}
    assert len(feed(cloud)) == 140


def test_changes_that_the_previous_version_counted_are_not_counted_again(cloud: Cloud):
    """It left a mark for each stream record."""
    pay(cloud)
    records = cloud.stream_records("test-payments")
    table = cloud.gateway.stats.counters._table
    table(f"counted#{records[0]['eventID']}", "counted").save()
    table(MERCHANT_ID, "total#payments#upi#pending", value=1).save()
    record_events(cloud.gateway, records)
    relay_changes(cloud.gateway, records)
    cloud.run(for_s=15)
    assert totals(cloud) == {
        "total#events": 3,
        "total#payments#upi#success": 1,
        "total#volume#INR#upi": 50_000,
    }


def test_a_payment_counts_for_the_day_of_its_creation(cloud: Cloud):
    cloud.time.move_to(START.replace(hour=23, minute=59, second=58))
    paid(cloud)
    cloud.acquirer.approves = False
    pay(cloud)
    cloud.run(for_s=15)
    statistics = cloud.gateway.stats.statistics(MERCHANT_ID, 3)
    days = {day.isoformat(): summary.all for day, summary in statistics.days.items()}
    assert list(days) == ["2026-03-13", "2026-03-14", "2026-03-15"]
    assert [figures.count for figures in days.values()] == [0, 1, 1]
    assert days["2026-03-14"].volume == {"INR": 50_000}
    assert days["2026-03-15"].success_rate == 0
    assert days["2026-03-13"].success_rate is None
    assert statistics.total.all.success_rate == 0.5
    assert statistics.total.by_method[PaymentMethod.UPI].count == 2
    assert statistics.total.by_method[PaymentMethod.CARD].count == 0


def test_statistics_of_ninety_days_are_one_request(cloud: Cloud):
    paid(cloud)
    asked: list[str] = []
    cloud.count_requests(asked)
    cloud.gateway.stats.statistics(MERCHANT_ID, 90)
    assert asked == ["dynamodb.Query"]


def test_a_merchants_counters_are_separate(cloud: Cloud):
    paid(cloud)
    assert cloud.gateway.stats.counters.read("another") == {}


def test_the_job_status_is_reported(cloud: Cloud):
    set_url(cloud)
    pay(cloud)
    cloud.relay()
    figures = cloud.gateway.jobs.figures()
    assert (figures["payments"].pending, figures["payments"].completed) == (1, 0)
    cloud.run(for_s=20)
    figures = cloud.gateway.jobs.figures()
    assert (figures["payments"].pending, figures["payments"].completed, figures["payments"].failed) == (
        0,
        1,
        0,
    )
    assert figures["webhooks"].completed == 3


def test_dead_letters_and_failed_webhooks_are_failed_jobs(cloud: Cloud):
    cloud.sender.script = [410]
    set_url(cloud)
    send_test(cloud)
    cloud.sqs.send_message(QueueUrl=cloud.gateway.settings.queues.refunds.jobs, MessageBody="poison")
    cloud.run(for_s=timedelta(minutes=10).total_seconds())
    figures = cloud.gateway.jobs.figures()
    assert (figures["webhooks"].failed, figures["refunds"].failed, figures["payments"].failed) == (1, 1, 0)
