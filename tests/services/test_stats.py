"""Counters are exact for any number of deliveries, order and batch of the stream's changes."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from chalicelib.domain.counters import TOTALS_FROM
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.store.counters import sum_of
from chalicelib.workers import relay_changes
from tests.cloud import START, Cloud
from tests.services.shop import MERCHANT_ID, logs, order, paid, pay, refund, send_test, set_url


def totals(cloud: Cloud) -> dict[str, int]:
    return {name: value for name, value in cloud.gateway.stats.counters.read(MERCHANT_ID).items() if value}


def counted_rows(cloud: Cloud) -> dict[str, int]:
    """The totals, calculated from the rows."""
    expected: Counter[str] = Counter()
    expected["total#orders"] = len(cloud.rows("test-orders"))
    for row in cloud.rows("test-payments"):
        method, status = row["method"]["S"], row["status"]["S"]
        expected[f"total#payments#{method}#{status}"] += 1
        if status == "success":
            expected[f"total#volume#INR#{method}"] += int(row["amount"]["N"])
    for row in cloud.rows("test-refunds"):
        expected[f"total#refunds#{row['status']['S']}"] += 1
    for row in cloud.rows("test-webhook-logs"):
        expected[f"total#webhooks#{row['event']['S']}#{row['status']['S']}"] += 1
    return {name: value for name, value in expected.items() if value}


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


def test_the_counters_equal_the_rows(cloud: Cloud):
    lively(cloud)
    assert totals(cloud) == counted_rows(cloud)


@pytest.mark.parametrize("seed", range(2))
def test_redelivered_bisected_and_reordered_batches_count_once(cloud: Cloud, seed: int):
    delivered: list[dict[str, Any]] = []
    take = cloud.stream_records

    def record(*tables: str) -> list[dict[str, Any]]:
        records = take(*tables)
        delivered.extend(records)
        return records

    cloud.stream_records = record  # type: ignore[method-assign]
    lively(cloud)
    random = Random(seed)
    for _ in range(8):
        batch = random.sample(delivered, random.randint(1, len(delivered)))
        middle = random.randint(0, len(batch))
        for half in (batch[:middle], batch[middle:], batch):
            assert relay_changes(cloud.gateway, half) == {"batchItemFailures": []}
    assert totals(cloud) == counted_rows(cloud)


def test_changes_that_are_delivered_in_the_wrong_order_are_counted_correctly(cloud: Cloud):
    set_url(cloud)
    payment = pay(cloud)
    first = cloud.stream_records()
    cloud.gateway.payments.process(cloud.payment_job(first))
    second = cloud.stream_records()
    for batch in (second, first):
        relay_changes(cloud.gateway, batch)
    counters = cloud.gateway.stats.counters.read(MERCHANT_ID)
    assert sum_of(counters, "payments", "upi", "success") == 1
    assert sum_of(counters, "payments", "upi", "pending") == 0
    assert sum_of(counters, "volume", "INR", "upi") == payment.money.amount


def test_more_changes_than_a_transaction_holds_are_all_counted(cloud: Cloud):
    for _ in range(130):
        order(cloud)
    records = cloud.stream_records()
    for _ in range(2):
        relay_changes(cloud.gateway, records)
    assert totals(cloud)["total#orders"] == 130


def test_an_expired_log_is_subtracted(cloud: Cloud):
    set_url(cloud)
    send_test(cloud)
    cloud.run(for_s=1)
    (log,) = logs(cloud)
    cloud.gateway.attempts.logs._table(log.id).delete()
    cloud.run()
    assert cloud.gateway.stats.total(MERCHANT_ID, "webhooks", None, None) == 0


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


def test_a_merchants_totals_are_separate_and_the_operators_include_all(cloud: Cloud):
    paid(cloud)
    assert cloud.gateway.stats.total("another", "payments", None, None) == 0
    assert sum_of(cloud.gateway.stats.of_all_merchants(), "payments", None, "success") == 1
    assert all(name.startswith(TOTALS_FROM) for name in cloud.gateway.stats.of_all_merchants())


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
