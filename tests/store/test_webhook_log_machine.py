"""A webhook log's lifecycle: repeated, late and reordered jobs, crashed workers, manual retries, expiry."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.backoff import TEST_DELAYS_S
from chalicelib.domain.webhook_log import (
    GONE,
    MAX_SHOWN_ATTEMPTS,
    Attempt,
    Trigger,
    WebhookLog,
    WebhookStatus,
    evaluate,
)
from chalicelib.jobs.messages import DeliverWebhook
from chalicelib.store.webhook_logs import AttemptHeldError, WebhookLogRow
from chalicelib.webhooks.attempts import LEASE
from tests.domain.examples import attempt
from tests.store import records
from tests.store.machine import Watch, play
from tests.store.stores import NOW, Stores
from tests.store.wire import Wire

DELAYS_S = TEST_DELAYS_S
answers = st.one_of(
    st.fixed_dictionaries({"response_code": st.sampled_from([200, 204, 302, 404, 500, 500, 500, GONE])}),
    st.fixed_dictionaries({"response_code": st.just(503), "retry_after_s": st.sampled_from([0, 7, 10**9])}),
    st.just({"response_code": None, "error": "no answer in time"}),
)
places = st.integers(0, 10**6)


class LogLife(RuleBasedStateMachine):
    """The table, compared with a model of the log, and workers with their claims."""

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores, self.logs = stores, stores.logs
        self.now = NOW
        self.log = records.webhook_log()
        self.history: list[Attempt] = []
        self.watch = Watch(stores, WebhookLogRow, self.log.id)
        self.jobs: list[DeliverWebhook] = []
        self.held: list[WebhookLog] = []
        self.leases: list[tuple[tuple[int, int], datetime, datetime]] = []
        self.is_gone = False

    @initialize()
    def create(self) -> None:
        assert self.logs.create(self.log)
        self._has_a_job()

    @rule(wait_ms=st.sampled_from([1, 1_000, 5_000, 19_999, 20_000, 60_000]))
    def wait(self, wait_ms: int) -> None:
        self._tick(wait_ms)

    @rule(answer=answers)
    def deliver_on_time(self, answer: dict[str, object]) -> None:
        """The last job is delivered when due, and its worker writes the result."""
        job, others = self.jobs[-1], len(self.held)
        self.now = max(self.now, job.due_at)
        self._work(job)
        if len(self.held) > others:
            self._finish(self.held.pop(), answer, repeats=False)

    @rule(place=places)
    def work(self, place: int) -> None:
        """Deliver any earlier job, early, late or repeatedly."""
        self._work(self.jobs[place % len(self.jobs)])

    @precondition(lambda self: self.held)
    @rule(place=places, answer=answers, repeats=st.booleans())
    def finish(self, place: int, answer: dict[str, object], repeats: bool) -> None:
        """A worker writes the result of its attempt, with any delay."""
        held = self.held.pop(place % len(self.held))
        self._finish(held, answer, repeats=repeats)

    @rule(answer=answers)
    def exceed_the_lease(self, answer: dict[str, object]) -> None:
        """A slow worker exceeds its lease; another worker receives the job; then the first one writes."""
        job = self.jobs[-1]
        self.now = max(self.now, job.due_at)
        self._work(job)
        if self.held:
            slow = self.held.pop()
            self.now = max(self.now, slow.leased_until or self.now)
            self._work(job)
            self._finish(slow, answer, repeats=False)

    @precondition(lambda self: self.held)
    @rule(place=places)
    def crash(self, place: int) -> None:
        """A worker crashes between its claim and its result."""
        self.held.pop(place % len(self.held))

    @rule(is_mine=st.just(True) | st.booleans())
    def retry_manually(self, is_mine: bool) -> None:
        self._tick()
        owner = self.log.merchant_id if is_mine else "another"
        restarted = self.logs.restart(self.log.id, owner, now=self.now)
        if not is_mine or self.is_gone:
            assert restarted is None
            assert self.watch.change() is None
            return
        self.log = replace(
            self.log,
            status=WebhookStatus.PENDING,
            attempts=0,
            round=self.log.round + 1,
            next_retry_at=self.now,
            leased_until=None,
        )
        assert restarted == self.log
        assert restarted.trigger is Trigger.MANUAL
        self._has_a_job()

    @precondition(lambda self: len(self.history) > 2)  # other steps must happen first
    @rule()
    def expire(self) -> None:
        """TTL deletes the log, and no later write may create it again."""
        self.logs._table(self.log.id).delete()
        self.is_gone = True
        self.watch.change()

    @invariant()
    def the_row_matches_the_model(self) -> None:
        shown = tuple(self.history[-MAX_SHOWN_ATTEMPTS:])
        assert self.logs.get(self.log.id) == (None if self.is_gone else replace(self.log, history=shown))

    @invariant()
    def attempts_never_exceed_the_schedule(self) -> None:
        assert self.log.attempts <= len(DELAYS_S)
        is_due = self.log.next_retry_at is not None
        assert is_due is (self.log.status is WebhookStatus.PENDING)

    @invariant()
    def no_attempt_has_two_claims_at_the_same_time(self) -> None:
        for (of, _, until), (next_of, start, _) in zip(self.leases, self.leases[1:], strict=False):
            assert of != next_of or until <= start

    def _work(self, job: DeliverWebhook) -> None:
        self._tick()
        if job.due_at > self.now:
            return
        is_wanted = self._stands_at(job.attempts, job.round)
        is_held = is_wanted and self.log.leased_until is not None and self.log.leased_until > self.now
        try:
            claimed = self.logs.claim(
                job.log_id, attempts=job.attempts, round_=job.round, now=self.now, until=self.now + LEASE
            )
        except AttemptHeldError:
            assert is_held
            assert self.watch.change() is None
            return
        assert (claimed is not None) is (is_wanted and not is_held)
        if claimed:
            self.log = replace(self.log, leased_until=self.now + LEASE)
            assert claimed == self.log
            self.held.append(claimed)
            self.leases.append(((job.attempts, job.round), self.now, self.now + LEASE))
            self._has_no_job()

    def _finish(self, held: WebhookLog, answer: dict[str, object], *, repeats: bool) -> None:
        self._tick()
        made = attempt(at=self.now, trigger=held.trigger, **answer)
        verdict = evaluate(held, made, DELAYS_S)
        counts = self._stands_at(held.attempts, held.round) and self.log.leased_until == held.leased_until
        with Wire(repeats=repeats).between(self.stores):
            assert self.logs.record(held, made, verdict) is counts
        self.history.append(made)
        if not counts:
            assert self.watch.change() is None
            return
        self.log = self._after(made)
        if self.log.status is WebhookStatus.PENDING:
            self._has_a_job()
        else:
            self._has_no_job()

    def _after(self, made: Attempt) -> WebhookLog:
        """The log after an attempt that counts."""
        attempts, asked_s = self.log.attempts + 1, made.retry_after_s or 0
        status, due = WebhookStatus.FAILED, None
        if made.response_code in {200, 204}:
            status = WebhookStatus.SUCCESS
        elif made.response_code != GONE and attempts < len(DELAYS_S):
            pause_s = max(DELAYS_S[attempts], min(asked_s, DELAYS_S[-1]))
            status, due = WebhookStatus.PENDING, self.now + timedelta(seconds=pause_s)
        return replace(
            self.log,
            status=status,
            attempts=attempts,
            next_retry_at=due,
            leased_until=None,
            last_attempt_at=self.now,
            response_code=made.response_code,
            error=made.error,
        )

    def _has_a_job(self) -> None:
        """The last change has one job: the log's next attempt, when it is due."""
        effects = self.watch.change()
        assert effects is not None
        assert effects.webhook == DeliverWebhook(
            log_id=self.log.id,
            merchant_id=self.log.merchant_id,
            attempts=self.log.attempts,
            round=self.log.round,
            due_at=self.log.next_retry_at or self.now,
        )
        self.jobs.append(effects.webhook)

    def _has_no_job(self) -> None:
        effects = self.watch.change()
        assert effects is not None
        assert effects.webhook is None

    def _stands_at(self, attempts: int, round_: int) -> bool:
        is_pending = self.log.status is WebhookStatus.PENDING and not self.is_gone
        return is_pending and (self.log.attempts, self.log.round) == (attempts, round_)

    def _tick(self, wait_ms: int = 1) -> None:
        self.now += timedelta(milliseconds=wait_ms)


def test_a_webhook_logs_lifecycle(on_moto: Stores):
    play(partial(LogLife, on_moto))
