"""Webhook logs in the tables: one worker per attempt, and every attempt is stored."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.webhook_log import (
    MAX_SHOWN_ATTEMPTS,
    Attempt,
    AttemptResult,
    Trigger,
    WebhookLog,
    WebhookStatus,
)
from chalicelib.store.item_size import item_bytes
from chalicelib.store.webhook_attempts import map_from_attempt
from chalicelib.store.webhook_logs import AttemptHeldError, WebhookLogRow
from tests.domain.examples import attempt
from tests.store import records
from tests.store.machine import Watch
from tests.store.stores import NOW, Stores, fresh
from tests.store.wire import Wire

LEASE_ENDS = NOW + timedelta(seconds=20)
DUE = NOW + timedelta(seconds=60)
MAX_WRITE_IDS_BYTES = 100  # everything that writes add to a row; an attempt has more
FAILED_ATTEMPT = attempt(
    at=NOW,
    response_code=503,
    response_headers={"Retry-After": "7", "X-Empty": ""},
    response_body="später \U0001f600",
    response_truncated=True,
    retry_after_s=7,
)
NO_ANSWER = attempt(at=NOW, url=None, response_code=None, error="no answer in time")
AGAIN = AttemptResult(status=WebhookStatus.PENDING, attempts=1, next_retry_at=DUE)


def stored(stores: Stores, **changes: object) -> WebhookLog:
    log = records.webhook_log(**changes)
    assert stores.logs.create(log)
    return log


def claimed(stores: Stores, log: WebhookLog) -> WebhookLog:
    taken = stores.logs.claim(log.id, attempts=log.attempts, round_=log.round, now=NOW, until=LEASE_ENDS)
    assert taken == replace(log, leased_until=LEASE_ENDS)
    return taken


def test_a_log_is_written_once_and_read_as_written(stores: Stores):
    log = stored(stores, body='{"event":"payment.success","name":"Łódź"}')
    assert not stores.logs.create(replace(log, body="another"))
    assert stores.logs.get(log.id) == log


def test_a_repeated_creation_of_a_log_is_detected(stores: Stores):
    log = records.webhook_log()
    with Wire(repeats=True).between(stores):
        assert stores.logs.create(log)
    assert stores.logs.get(log.id) == log
    assert not stores.logs.create(log)


def test_a_claimed_attempt_cannot_be_claimed_by_another_worker(stores: Stores):
    log = stored(stores)
    claimed(stores, log)
    last = LEASE_ENDS - timedelta(microseconds=1)
    with pytest.raises(AttemptHeldError):
        stores.logs.claim(log.id, attempts=0, round_=0, now=last, until=last + timedelta(seconds=20))


def test_after_the_lease_another_worker_can_claim_the_attempt(stores: Stores):
    log = stored(stores)
    first = claimed(stores, log)
    until = LEASE_ENDS + timedelta(seconds=20)
    second = stores.logs.claim(log.id, attempts=0, round_=0, now=LEASE_ENDS, until=until)
    assert second == replace(first, leased_until=until)
    assert not stores.logs.record(first, FAILED_ATTEMPT, AGAIN)
    made = replace(FAILED_ATTEMPT, at=LEASE_ENDS)
    assert stores.logs.record(second, made, AGAIN)
    after = stores.logs.get(log.id)
    assert after is not None
    assert (after.attempts, after.history) == (1, (FAILED_ATTEMPT, made))


@pytest.mark.parametrize(("attempts", "round_"), [(1, 0), (0, 1), (4, 3)])
def test_a_job_of_another_attempt_or_round_is_a_no_op(stores: Stores, attempts: int, round_: int):
    log = stored(stores)
    claimed(stores, log)
    assert stores.logs.claim(log.id, attempts=attempts, round_=round_, now=NOW, until=LEASE_ENDS) is None
    assert stores.logs.claim(fresh(), attempts=0, round_=0, now=NOW, until=LEASE_ENDS) is None


@pytest.mark.parametrize("made", [FAILED_ATTEMPT, NO_ANSWER])
def test_the_result_of_an_attempt_is_stored_and_ends_the_lease(stores: Stores, made: Attempt):
    log = stored(stores)
    assert stores.logs.record(claimed(stores, log), made, AGAIN)
    after = stores.logs.get(log.id)
    assert after == replace(
        log,
        attempts=1,
        next_retry_at=DUE,
        last_attempt_at=NOW,
        response_code=made.response_code,
        error=made.error,
        history=(made,),
    )


def test_after_the_last_attempt_nothing_is_due(stores: Stores):
    log = stored(stores)
    done = AttemptResult(status=WebhookStatus.SUCCESS, attempts=1, next_retry_at=None)
    assert stores.logs.record(claimed(stores, log), attempt(at=NOW), done)
    after = stores.logs.get(log.id)
    assert after is not None
    assert (after.status, after.next_retry_at, after.leased_until) == (WebhookStatus.SUCCESS, None, None)


def test_a_result_that_is_written_twice_is_stored_once(stores: Stores):
    log = stored(stores)
    held = claimed(stores, log)
    with Wire(repeats=True).between(stores):
        assert stores.logs.record(held, FAILED_ATTEMPT, AGAIN)
    after = stores.logs.get(log.id)
    assert after is not None
    assert after.history == (FAILED_ATTEMPT,)


def test_a_manual_retry_voids_the_schedule_and_keeps_the_history(stores: Stores):
    log = stored(stores)
    held = claimed(stores, log)
    restarted = stores.logs.restart(log.id, log.merchant_id, now=DUE)
    assert restarted == replace(log, round=1, next_retry_at=DUE)
    assert restarted.trigger is Trigger.MANUAL
    assert not stores.logs.record(held, FAILED_ATTEMPT, AGAIN)
    assert stores.logs.claim(log.id, attempts=0, round_=0, now=DUE, until=LEASE_ENDS) is None
    after = stores.logs.get(log.id)
    assert after == replace(restarted, history=(FAILED_ATTEMPT,))


def test_anothers_log_is_not_found(stores: Stores):
    log = stored(stores)
    assert stores.logs.restart(log.id, "another", now=DUE) is None
    assert stores.logs.get(log.id) == log


def test_a_log_is_read_with_its_newest_attempts_in_order(stores: Stores):
    log = stored(stores)
    made = [replace(FAILED_ATTEMPT, at=NOW + timedelta(seconds=n)) for n in range(MAX_SHOWN_ATTEMPTS + 2)]
    for one in reversed(made):
        stores.attempts.add(replace(log, leased_until=one.at), one)
    after = stores.logs.get(log.id)
    assert after == replace(log, history=tuple(made[2:]))
    assert stores.logs.get(log.id, log.merchant_id) == after
    assert stores.logs.get(log.id, "another") is None


def test_attempts_with_the_same_time_are_all_stored(stores: Stores):
    """The clocks of workers differ, so two attempts can have the same time; the claims' leases are unique."""
    log = stored(stores)
    claims = [
        replace(log, leased_until=LEASE_ENDS),
        replace(log, leased_until=LEASE_ENDS + timedelta(seconds=20)),
        replace(log, leased_until=LEASE_ENDS, attempts=1),
        replace(log, leased_until=LEASE_ENDS, round=1),
    ]
    for claim in [*claims, *claims]:
        stores.attempts.add(claim, FAILED_ATTEMPT)
    assert len(stores.attempts.newest(log.id)) == len(claims)


def test_an_attempt_is_stored_although_the_log_is_missing(stores: Stores):
    log = stored(stores)
    held = claimed(stores, log)
    stores.logs._table(log.id).delete()
    assert not stores.logs.record(held, FAILED_ATTEMPT, AGAIN)
    assert stores.attempts.newest(log.id) == (FAILED_ATTEMPT,)
    assert stores.logs.get(log.id) is None


def test_claiming_and_recording_do_not_change_the_size_of_the_row(stores: Stores):
    log = stored(stores)
    sizes = set()
    for number in range(5):
        at = NOW + timedelta(minutes=number)
        held = stores.logs.claim(log.id, attempts=number, round_=0, now=at, until=at + timedelta(seconds=20))
        assert held is not None
        again = AttemptResult(status=WebhookStatus.PENDING, attempts=number + 1, next_retry_at=at)
        assert stores.logs.record(held, replace(FAILED_ATTEMPT, at=at), again)
        sizes.add(item_bytes(raw(stores, log.id)))
    assert max(sizes) - min(sizes) < MAX_WRITE_IDS_BYTES


def raw(stores: Stores, log_id: str) -> dict[str, Any]:
    table = stores.logs._table.Meta.table_name
    item: dict[str, Any] = stores.client.get_item(TableName=table, Key={"id": {"S": log_id}})["Item"]
    return item


def written_by_the_previous_version(stores: Stores, *made: Attempt) -> WebhookLog:
    """A log with its attempts in the row, without the newer attributes."""
    log = stored(stores, attempts=len(made))
    maps = [map_from_attempt(one).serialize(map_from_attempt(one)) for one in made]
    for one in maps:
        one.pop("response_headers_truncated", None)
    stores.client.update_item(
        TableName=stores.logs._table.Meta.table_name,
        Key={"id": {"S": log.id}},
        UpdateExpression="SET history = :history",
        ExpressionAttributeValues={":history": {"L": [{"M": one} for one in maps]}},
    )
    return log


def test_attempts_of_the_previous_version_are_read_before_the_new_ones(stores: Stores):
    old = replace(NO_ANSWER, at=NOW - timedelta(minutes=1))
    log = written_by_the_previous_version(stores, old, FAILED_ATTEMPT)
    before = stores.logs.get(log.id)
    assert before == replace(log, history=(old, FAILED_ATTEMPT))
    due = NOW + timedelta(minutes=1)
    held = stores.logs.claim(log.id, attempts=2, round_=0, now=due, until=due + timedelta(seconds=20))
    assert held is not None
    new = attempt(at=due)
    done = AttemptResult(status=WebhookStatus.SUCCESS, attempts=3, next_retry_at=None)
    assert stores.logs.record(held, new, done)
    after = stores.logs.get(log.id)
    assert after is not None
    assert (after.attempts, after.history) == (3, (old, FAILED_ATTEMPT, new))
    assert len(raw(stores, log.id)["history"]["L"]) == 2


def test_the_newest_attempts_of_both_versions_are_read(stores: Stores):
    made = [replace(FAILED_ATTEMPT, at=NOW + timedelta(seconds=n)) for n in range(MAX_SHOWN_ATTEMPTS + 3)]
    log = written_by_the_previous_version(stores, *made[:MAX_SHOWN_ATTEMPTS])
    for one in made[MAX_SHOWN_ATTEMPTS:]:
        stores.attempts.add(replace(log, leased_until=one.at), one)
    after = stores.logs.get(log.id)
    assert after is not None
    assert after.history == tuple(made[3:])


def test_the_relay_reads_changes_of_a_log_of_the_previous_version(stores: Stores):
    log = written_by_the_previous_version(stores, FAILED_ATTEMPT)
    watch = Watch(stores, WebhookLogRow, log.id)
    watch.change()
    restarted = stores.logs.restart(log.id, log.merchant_id, now=DUE)
    assert restarted is not None
    debt = watch.change()
    assert debt is not None
    assert debt.webhook is not None
    assert (debt.webhook.log_id, debt.webhook.round, debt.webhook.attempts) == (log.id, 1, 0)
