"""Tests of the simulator: without one of the gateway's protections, it finds the resulting failure."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.acquirers.base import AuthorizeRequest, Declined, Result, Unknown
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.event import PaymentEvent
from chalicelib.jobs import batch
from chalicelib.jobs.batch import Batch
from chalicelib.jobs.messages import Job
from chalicelib.jobs.queue import JobQueue, SendFailedError
from chalicelib.services import api_secrets, captures
from chalicelib.services import payments as payment_service
from chalicelib.services.acquirer_jobs import Processed
from chalicelib.services.payments import PaymentService
from chalicelib.services.refunds import RefundService
from chalicelib.store import events, orders, payments, write, write_ids
from chalicelib.store.captures import CaptureStore
from chalicelib.store.counters import CounterRow, CounterStore
from chalicelib.store.events import EventStore
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.payments import PaymentStore
from chalicelib.store.webhook_attempts import WebhookAttemptStore
from chalicelib.store.webhook_logs import WebhookLogStore
from chalicelib.workers import processing
from tests.simulation import world
from tests.simulation.dynamodb import WRITES
from tests.simulation.explore import Explorer, Run
from tests.simulation.faults import Call, Edge, Fault
from tests.simulation.laboratory import laboratory
from tests.simulation.outside import Bank

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", name="explorer")
def _explorer() -> Iterator[Explorer]:
    with laboratory() as opened:
        yield Explorer(laboratory=opened)


def violated_by(runs: Iterable[Run]) -> str:
    """The guarantee that the first failing story violates."""
    return next((str(one.error).partition(":")[0] for one in runs if one.error), "none")


# Each test runs only the faults at which its defect is visible: the other stories take most of the time.
def is_at_the_acquirer(call: Call, fault: Fault) -> bool:
    return call.edge is Edge.ACQUIRER


def is_delivered_twice(call: Call, fault: Fault) -> bool:
    return fault is Fault.TWICE


def is_at_a_queue(call: Call, fault: Fault) -> bool:
    return call.edge is Edge.SQS


def dies_after_a_write(call: Call, fault: Fault) -> bool:
    return call.operation in WRITES and fault is Fault.DIES_AFTER


def with_a_fault(explorer: Explorer, where: Callable[[Call, Fault], bool]) -> Iterator[Run]:
    return explorer.each_fault("pays_by_upi", where=where)


def test_finds_an_acquirer_that_receives_a_new_key_for_each_try(explorer: Explorer, monkeypatch):
    authorize = Bank.authorize

    def with_a_new_key(bank: Bank, request: AuthorizeRequest) -> Result:
        return authorize(bank, replace(request, idempotency_key=uuid4().hex))

    monkeypatch.setattr(Bank, "authorize", with_a_new_key)
    assert violated_by(with_a_fault(explorer, is_at_the_acquirer)) == "every_payment_is_charged_once"


def test_finds_a_lost_response_that_is_treated_as_a_decline(explorer: Explorer, monkeypatch):
    result_of = PaymentService._result

    def declined(*arguments: Any) -> Result | None:
        result = result_of(*arguments)
        if result == Unknown():
            return Declined(code=DeclineCode.PROCESSING_ERROR, description="No response")
        return result

    monkeypatch.setattr(PaymentService, "_result", declined)
    assert violated_by([explorer.without_faults("acquirer_is_down")]) == "every_payment_is_charged_once"


def test_finds_a_late_approval_whose_money_is_kept(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(PaymentService, "_return_money", lambda *_: Processed())
    runs = [explorer.without_faults("approval_is_late")]
    assert violated_by(runs) == "every_payment_is_charged_once"


def test_finds_a_late_approval_that_nobody_asks_for(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(payment_service, "LATE_CHECK", timedelta(minutes=1))
    runs = [explorer.without_faults("approval_is_late")]
    assert violated_by(runs) == "every_payment_is_charged_once"


def test_finds_a_charge_without_a_lease(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(PaymentStore, "lease_authorization", lambda *_, **__: True)
    runs = explorer.each_fault("acquirer_is_not_idempotent", where=is_delivered_twice)
    assert violated_by(runs) == "every_payment_is_charged_once"


def test_finds_a_capture_and_a_void_of_the_same_payment(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(CaptureStore, "_is_open", lambda store: store._table.id.exists())
    broken = violated_by(explorer.each_order("capture_against_void_and_refund"))
    assert broken in {
        "reserved_money_is_captured_or_released",
        "refunds_are_paid_once_and_never_exceed_the_payment",
    }


def test_finds_a_void_that_does_not_reach_the_acquirer(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(captures, "release", lambda *_, **__: True)
    runs = [explorer.without_faults("time_of_capture_runs_out")]
    assert violated_by(runs) == "reserved_money_is_captured_or_released"


def test_finds_a_refund_that_does_not_wait_for_the_capture(explorer: Explorer, monkeypatch):
    def is_capture_lost(call: Call, fault: Fault) -> bool:
        return call.operation == "capture" and fault is Fault.UNREACHABLE

    monkeypatch.setattr(RefundService, "_result_before_capture", lambda *_: None)
    runs = explorer.each_fault("captured_in_time_and_refunded", where=is_capture_lost)
    assert violated_by(runs) == "refunds_never_exceed_what_was_captured"


def test_finds_an_event_id_that_is_random(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(PaymentEvent, "id", property(lambda event: str(uuid4())))
    assert (
        violated_by(with_a_fault(explorer, is_delivered_twice)) == "every_event_has_one_log_for_each_endpoint"
    )


def test_finds_jobs_that_sqs_rejected_and_that_are_not_sent_again(explorer: Explorer, monkeypatch):
    send = JobQueue.send

    def ignoring_failures(queue: JobQueue, jobs: Sequence[Job]) -> None:
        with suppress(SendFailedError):
            send(queue, jobs)

    monkeypatch.setattr(JobQueue, "send", ignoring_failures)
    assert violated_by(with_a_fault(explorer, is_at_a_queue)) == "nothing_is_pending"


def test_finds_an_event_that_is_recorded_at_each_delivery(explorer: Explorer, monkeypatch):
    rows = EventStore._rows

    def with_new_ids(store: EventStore, *of: Any) -> Any:
        made = rows(store, *of)
        for row in made:
            row.id = uuid4().hex
        return made

    monkeypatch.setattr(EventStore, "_rows", with_new_ids)
    broken = violated_by(with_a_fault(explorer, is_delivered_twice))
    assert broken == "every_event_is_in_the_feed_once_and_in_order"


def test_finds_a_feed_whose_end_moves_without_a_condition(explorer: Explorer, monkeypatch):
    advance = CounterStore.advance

    def unconditionally(store: CounterStore, *of: Any, **options: Any) -> Any:
        end, *moved = advance(store, *of, **options)
        return [replace(end, condition=None), *moved]

    monkeypatch.setattr(CounterStore, "advance", unconditionally)
    seeds = itertools.chain([68], range(1, 60))  # about one story in thirty finds it; the first one did
    broken = violated_by(explorer.at_random("lively_day", seed) for seed in seeds)
    assert broken in {"every_event_names_its_predecessor", "readers_of_the_feed_missed_nothing"}


def test_finds_counters_that_are_not_in_the_transaction_of_the_events(explorer: Explorer, monkeypatch):
    def separately(writes: Sequence[Any]) -> None:
        (end,) = [one for one in writes if isinstance(one.row, CounterRow) and one.condition is not None]
        *feed, held = end.actions
        write.transact([replace(end, actions=feed) if one is end else one for one in writes])
        write.update(end.row, [held], None)

    monkeypatch.setattr(events, "write", SimpleNamespace(**vars(write) | {"transact": separately}))
    broken = violated_by(with_a_fault(explorer, lambda call, fault: fault is Fault.DIES_AFTER))
    assert broken == "counters_equal_the_rows"


def test_finds_a_payment_that_is_settled_twice(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(payments, "sources_of", lambda transitions, _: frozenset(transitions))
    assert (
        violated_by(with_a_fault(explorer, is_delivered_twice)) == "every_event_has_one_log_for_each_endpoint"
    )


def test_finds_refunds_that_are_reserved_without_a_condition(explorer: Explorer, monkeypatch):
    create = IdempotencyStore.create

    def unconditionally(
        store: IdempotencyStore, row: Any, record: Any, *, now: Any, updates: Any = ()
    ) -> Any:
        free = [replace(one, condition=None) for one in updates]
        return create(store, row, record, now=now, updates=free)

    monkeypatch.setattr(IdempotencyStore, "create", unconditionally)
    assert violated_by(explorer.each_order("refunds_at_once")) == "racers received [201, 201]"


def test_finds_an_order_without_a_guard_for_its_payments(explorer: Explorer, monkeypatch):
    def without_a_guard(*args: Any, **named: Any) -> Any:
        return opened(*args, **named | {"guarded": False})

    opened = orders.open_payment
    monkeypatch.setattr(payments, "open_payment", without_a_guard)
    broken = violated_by(explorer.each_order("two_browsers_submit_at_once"))
    assert broken == "an_order_is_paid_once_and_never_left_locked"


def test_finds_an_order_that_stays_locked_after_settlement(explorer: Explorer, monkeypatch):
    def without_unlocking(*args: Any, **named: Any) -> Any:
        change = settled(*args, **named)
        return replace(change, actions=change.actions[1:])

    settled = orders.close_payment
    monkeypatch.setattr(payments, "close_payment", without_unlocking)
    broken = violated_by([explorer.without_faults("pays_by_upi")])
    assert broken == "an_order_is_paid_once_and_never_left_locked"


def test_finds_a_manual_retry_that_does_not_cancel_the_scheduled_attempt(explorer: Explorer, monkeypatch):
    def in_any_round(store: WebhookLogStore, attempts: int, round_: int) -> Any:
        return (store._table.status == "pending") & (store._table.attempts == attempts)

    monkeypatch.setattr(WebhookLogStore, "_is_next", in_any_round)
    assert (
        violated_by([explorer.without_faults("manual_retry_against_schedule")])
        == "no_attempt_is_made_before_it_is_due"
    )


def test_finds_a_log_that_is_updated_before_its_attempt_is_written(explorer: Explorer, monkeypatch):
    record, add = WebhookLogStore.record, WebhookAttemptStore.add

    def updated_first(store: WebhookLogStore, log: Any, made: Any, verdict: Any) -> bool:
        is_updated = record(store, log, made, verdict)
        add(store._attempts, log, made)
        return is_updated

    monkeypatch.setattr(WebhookLogStore, "record", updated_first)
    monkeypatch.setattr(WebhookAttemptStore, "add", lambda store, log, made: None)
    assert violated_by(with_a_fault(explorer, dies_after_a_write)) == "every_log_is_final"


def test_finds_a_batch_whose_jobs_run_sequentially_without_a_time_limit(explorer: Explorer, monkeypatch):
    def sequentially(work: Any, items: Sequence[Any], **_: Any) -> list[Any]:
        return [work(item) for item in items]

    monkeypatch.setattr(batch, "run_concurrently", sequentially)
    monkeypatch.setattr(Batch, "_spare_s", lambda batch: math.inf)
    monkeypatch.setattr(world, "LONGEST_STORY", timedelta(minutes=10))  # the story would not end
    assert violated_by([explorer.without_faults("acquirer_is_slow")]) != "none"


def test_finds_a_job_that_runs_before_it_is_due(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(processing, "_is_due", lambda job, queue: True)
    assert violated_by([explorer.without_faults("receiver_is_down")]) == "no_attempt_is_made_before_it_is_due"


def test_finds_a_repeated_rotation_that_ends_the_secret_in_use(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(api_secrets, "_hash_in_use", lambda valid, replaces, has_overlap: valid[0])
    assert violated_by([explorer.without_faults(SECRETS)]) != "none"  # the merchant's program gets a 401


WRONG_PASSWORDS = "wrong_passwords_at_once"
SECRETS = "secrets_replaced_while_others_change_the_merchant"


def lost_answers(explorer: Explorer, name: str) -> Iterator[Run]:
    """Change rows after the start of the race, with one lost response in each story."""
    calm = explorer.without_faults(name)
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
def test_finds_changes_that_a_retry_applies_twice(explorer: Explorer, monkeypatch, name: str, promise: str):
    monkeypatch.setattr(write_ids, "stamp", lambda write_id: [])
    assert violated_by(lost_answers(explorer, name)) == promise


def test_finds_a_repeated_capture_that_does_not_recognise_itself(explorer: Explorer, monkeypatch):
    monkeypatch.setattr(write_ids, "is_applied", lambda write_id, item: False)
    assert violated_by(lost_answers(explorer, "captures_at_once")) == "a_payment_is_captured_once"


@pytest.mark.parametrize("kept", [1, write_ids.KEPT - 1])
def test_finds_a_row_that_keeps_too_few_write_ids(explorer: Explorer, monkeypatch, kept: int):
    """A row must keep one id for each concurrent change."""
    monkeypatch.setattr(write_ids, "KEPT", kept)
    assert violated_by(lost_answers(explorer, WRONG_PASSWORDS)) == "a_login_attempt_is_counted_once"


def test_the_simulated_dynamodb_responds_like_moto(explorer: Explorer, monkeypatch):
    quick = rows_after(explorer, "same_key_at_once")
    monkeypatch.setattr(explorer.laboratory.dynamodb, "operations", {})
    assert rows_after(explorer, "same_key_at_once") == quick


def rows_after(explorer: Explorer, name: str) -> list[Any]:
    run = explorer.without_faults(name)
    assert run.error is None
    world = explorer.laboratory.world
    return [run.trace, *(world.rows(table) for table in ("orders", "payments", "webhook_logs"))]
