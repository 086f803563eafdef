"""The simulator itself: where a piece of the gateway's care is taken away, it finds what then goes wrong."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chalicelib import workers
from chalicelib.acquirers.base import Charge, Outcome
from chalicelib.domain.event import Event
from chalicelib.jobs import batch
from chalicelib.jobs.batch import Batch
from chalicelib.jobs.messages import Job
from chalicelib.jobs.queue import JobQueue, SendFailedError
from chalicelib.store import orders, payments, write, write_ids
from chalicelib.store.counters import CounterStore
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.webhook_attempts import WebhookAttemptStore
from chalicelib.store.webhook_logs import WebhookLogStore
from tests.simulation import world
from tests.simulation.dynamodb import WRITES
from tests.simulation.explore import Explorer, Telling
from tests.simulation.faults import Call, Edge, Fault
from tests.simulation.laboratory import laboratory
from tests.simulation.outside import Bank

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", name="explorer")
def _explorer() -> Iterator[Explorer]:
    with laboratory() as opened:
        yield Explorer(laboratory=opened)


def broken_in(tellings: Iterable[Telling]) -> str:
    """The promise that the first story with a bad end breaks."""
    return next((str(one.error).partition(":")[0] for one in tellings if one.error), "none")


# Each defect is looked for where it shows. The stories before the one that shows it take most of the time.
def is_at_the_acquirer(call: Call, fault: Fault) -> bool:
    return call.edge is Edge.ACQUIRER


def hands_over_twice(call: Call, fault: Fault) -> bool:
    return fault is Fault.TWICE


def is_at_a_queue(call: Call, fault: Fault) -> bool:
    return call.edge is Edge.SQS


def dies_after_a_write(call: Call, fault: Fault) -> bool:
    return call.operation in WRITES and fault is Fault.DIES_AFTER


def with_a_fault(explorer: Explorer, where: Callable[[Call, Fault], bool]) -> Iterator[Telling]:
    return explorer.each_fault("pays_by_upi", where=where)


def test_an_acquirer_that_is_asked_with_a_new_key_each_time(explorer: Explorer, monkeypatch):
    charge = Bank.charge

    def with_a_new_key(bank: Bank, asked: Charge) -> Outcome:
        return charge(bank, replace(asked, idempotency_key=uuid4().hex))

    monkeypatch.setattr(Bank, "charge", with_a_new_key)
    assert broken_in(with_a_fault(explorer, is_at_the_acquirer)) == "every_payment_is_charged_once"


def test_an_event_whose_id_is_not_derived(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(Event, "id", property(lambda event: str(uuid4())))
    assert broken_in(with_a_fault(explorer, hands_over_twice)) == "every_event_has_one_log"


def test_jobs_that_sqs_did_not_take_and_nobody_sends_again(explorer: Explorer, monkeypatch):
    send = JobQueue.send

    def and_forget(queue: JobQueue, jobs: Sequence[Job]) -> None:
        with suppress(SendFailedError):
            send(queue, jobs)

    monkeypatch.setattr(JobQueue, "send", and_forget)
    assert broken_in(with_a_fault(explorer, is_at_a_queue)) == "nothing_is_left_to_do"


def test_a_change_that_is_counted_each_time_it_is_told(explorer: Explorer, monkeypatch):
    mark = CounterStore._mark

    def of_its_own(store: CounterStore, change: Any, now: Any) -> Any:
        return mark(store, replace(change, change_id=uuid4().hex), now)

    monkeypatch.setattr(CounterStore, "_mark", of_its_own)
    assert broken_in(with_a_fault(explorer, hands_over_twice)) == "counters_are_what_the_rows_say"


def test_a_payment_that_may_be_settled_again(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(payments, "sources_of", lambda transitions, _: frozenset(transitions))
    assert broken_in(with_a_fault(explorer, hands_over_twice)) == "every_event_has_one_log"


def test_refunds_that_are_not_reserved_under_a_condition(explorer: Explorer, monkeypatch):
    create = IdempotencyStore.create

    def unconditionally(
        store: IdempotencyStore, row: Any, record: Any, *, now: Any, updates: Any = ()
    ) -> Any:
        free = [replace(one, condition=None) for one in updates]
        return create(store, row, record, now=now, updates=free)

    monkeypatch.setattr(IdempotencyStore, "create", unconditionally)
    assert broken_in(explorer.each_order("refunds_at_once")) == "racers were answered [201, 201, 201]"


def test_an_order_whose_payments_are_not_guarded(explorer: Explorer, monkeypatch):
    def without_a_guard(*args: Any, **named: Any) -> Any:
        return opened(*args, **named | {"guarded": False})

    opened = orders.open_payment
    monkeypatch.setattr(payments, "open_payment", without_a_guard)
    broken = broken_in(explorer.each_order("two_browsers_submit_at_once"))
    assert broken == "an_order_is_paid_once_and_never_left_locked"


def test_an_order_that_is_not_unlocked_when_its_payment_is_settled(explorer: Explorer, monkeypatch):
    def without_unlocking(*args: Any, **named: Any) -> Any:
        change = settled(*args, **named)
        return replace(change, actions=change.actions[1:])

    settled = orders.close_payment
    monkeypatch.setattr(payments, "close_payment", without_unlocking)
    broken = broken_in([explorer.calmly("pays_by_upi")])
    assert broken == "an_order_is_paid_once_and_never_left_locked"


def test_a_manual_retry_that_does_not_void_what_was_scheduled(explorer: Explorer, monkeypatch):
    def whatever_the_round(store: WebhookLogStore, attempts: int, round_: int) -> Any:
        return (store._table.status == "pending") & (store._table.attempts == attempts)

    monkeypatch.setattr(WebhookLogStore, "_is_next", whatever_the_round)
    assert broken_in([explorer.calmly("manual_retry_against_schedule")]) == "attempts_keep_their_times"


def test_a_log_that_is_moved_before_its_attempt_is_written(explorer: Explorer, monkeypatch):
    record, add = WebhookLogStore.record, WebhookAttemptStore.add

    def moved_first(store: WebhookLogStore, log: Any, made: Any, verdict: Any) -> bool:
        is_moved = record(store, log, made, verdict)
        add(store._attempts, log, made)
        return is_moved

    monkeypatch.setattr(WebhookLogStore, "record", moved_first)
    monkeypatch.setattr(WebhookAttemptStore, "add", lambda store, log, made: None)
    assert broken_in(with_a_fault(explorer, dies_after_a_write)) == "every_log_came_to_its_end"


def test_a_batch_whose_jobs_are_done_in_a_row_whatever_time_is_left(explorer: Explorer, monkeypatch):
    def in_a_row(work: Any, items: Sequence[Any], **_: Any) -> list[Any]:
        return [work(item) for item in items]

    monkeypatch.setattr(batch, "run_concurrently", in_a_row)
    monkeypatch.setattr(Batch, "_spare_s", lambda batch: math.inf)
    monkeypatch.setattr(world, "LONGEST_STORY", timedelta(minutes=10))  # it would go on for ever
    assert broken_in([explorer.calmly("acquirer_is_slow")]) != "none"


def test_a_job_that_comes_early_and_is_done_at_once(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(workers, "_is_due", lambda job, queue, clock: True)
    assert broken_in([explorer.calmly("receiver_is_down")]) == "attempts_keep_their_times"


WRONG_PASSWORDS = "wrong_passwords_at_once"
SECRETS = "secrets_replaced_while_others_change_the_merchant"


def lost_answers(explorer: Explorer, name: str) -> Iterator[Telling]:
    """From the race on, each change of a row is applied and its response lost, once a story."""
    calm = explorer.calmly(name)
    for call in calm.calls[calm.race_at :]:
        if call.operation == "UpdateItem":
            yield explorer.one_fault(name, call.number, Fault.ANSWER_LOST)


@pytest.mark.parametrize(
    ("name", "promise"),
    [
        (WRONG_PASSWORDS, "a_login_attempt_is_counted_once"),
        (SECRETS, "the_previous_secret_works_for_24_hours"),
    ],
)
def test_changes_that_are_applied_again_when_they_are_repeated(
    explorer: Explorer, monkeypatch, name: str, promise: str
):
    monkeypatch.setattr(write_ids, "stamp", lambda write_id: [])
    assert broken_in(lost_answers(explorer, name)) == promise


def test_a_repeated_capture_that_does_not_recognise_itself(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(write_ids, "is_applied", lambda write_id, item: False)
    assert broken_in(lost_answers(explorer, "captures_at_once")) == "a_payment_is_captured_once"


@pytest.mark.parametrize("kept", [1, write_ids.KEPT - 1])
def test_a_row_that_keeps_fewer_write_ids(explorer: Explorer, monkeypatch, kept: int):
    """As many as are kept are needed where that many change one row at once."""
    monkeypatch.setattr(write_ids, "KEPT", kept)
    assert broken_in(lost_answers(explorer, WRONG_PASSWORDS)) == "a_login_attempt_is_counted_once"


def test_notes_of_an_endpoints_health_whose_ids_displace_those_of_other_changes(
    explorer: Explorer, monkeypatch
):
    update = write.update

    def with_an_id(key: Any, actions: Any, condition: Any, **_: Any) -> Any:
        return update(key, actions, condition)

    monkeypatch.setattr(write, "update", with_an_id)
    assert broken_in(lost_answers(explorer, SECRETS)) == "the_previous_secret_works_for_24_hours"


def test_the_front_of_dynamodb_answers_as_motos_own(explorer: Explorer, monkeypatch):
    quick = rows_after(explorer, "same_key_at_once")
    monkeypatch.setattr(explorer.laboratory.dynamodb, "operations", {})
    assert rows_after(explorer, "same_key_at_once") == quick


def rows_after(explorer: Explorer, name: str) -> list[Any]:
    telling = explorer.calmly(name)
    assert telling.error is None
    world = explorer.laboratory.world
    return [telling.trace, *(world.rows(table) for table in ("orders", "payments", "webhook_logs"))]
