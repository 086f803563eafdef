"""A payment's lifecycle: settled, captured, voided and refunded in any order, with repeated writes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import NoneType

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from chalicelib.domain.decline import Decline
from chalicelib.domain.event import Event, EventName
from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.jobs.messages import CapturePayment, ExpirePayment, PaymentJob, VoidPayment
from chalicelib.store.payments import PaymentRefusedError, PaymentRow
from tests.store import records
from tests.store.machine import Watch, play
from tests.store.stores import NOW, Stores
from tests.store.wire import Wire

AMOUNT = 50_000
END = NOW + timedelta(days=7)  # of the time in which a manual payment can be captured
DECLINE = Decline(description="Declined")
outcomes = st.sampled_from([PaymentStatus.SUCCESS, PaymentStatus.SUCCESS, PaymentStatus.FAILED])
refund_outcomes = st.sampled_from([RefundStatus.PROCESSED, RefundStatus.FAILED])
captures = st.sampled_from([None, AMOUNT, AMOUNT - 1])
mostly = st.just(True) | st.booleans()
amounts = st.sampled_from([AMOUNT // 2 + 1, AMOUNT, AMOUNT + 1]) | st.integers(1, AMOUNT)
EVENT_OF_REFUND = {
    RefundStatus.PENDING: EventName.REFUND_CREATED,
    RefundStatus.PROCESSED: EventName.REFUND_PROCESSED,
    RefundStatus.FAILED: EventName.REFUND_FAILED,
}


class PaymentLife(RuleBasedStateMachine):
    """The tables, compared with a small model: a status, a flag, and the refunds with their status."""

    refunds = Bundle("refunds")

    def __init__(self, stores: Stores) -> None:
        super().__init__()
        self.stores, self.wire = stores, Wire()
        self.payment = records.payment()
        order = records.order(id=self.payment.order_id, merchant_id=self.payment.merchant_id)
        stores.orders.create(order, None, now=NOW)
        self.watch = Watch(stores, PaymentRow, self.payment.id)
        self.announced: list[Event] = []
        self.now = NOW
        self.status = PaymentStatus.PENDING
        self.is_captured = self.is_voided = self.is_confirmed = False
        self.is_manual = False
        self.made: dict[str, tuple[int, RefundStatus]] = {}

    @initialize(succeeds=mostly, is_manual=st.booleans())
    def create(self, succeeds: bool, is_manual: bool) -> None:
        self.is_manual = is_manual
        if is_manual:
            self.payment = replace(self.payment, capture_mode=CaptureMode.MANUAL)
        assert self.stores.payments.create(self.payment, None, now=self.now) is None
        effects = self.watch.change()
        assert effects is not None
        assert effects.payment is not None
        assert effects.payment.payment_id == self.payment.id
        self.announced += effects.events
        assert [event.name for event in self.announced] == ["payment.created", "payment.pending"]
        if succeeds:
            self.settle(PaymentStatus.SUCCESS, repeats=False)

    @rule(status=outcomes, repeats=st.booleans())
    def settle(self, status: PaymentStatus, repeats: bool) -> None:
        decline = DECLINE if status is PaymentStatus.FAILED else None
        with self._wire(repeats):
            settled = self.stores.payments.settle(
                self.payment.id,
                self.payment.order_id,
                status,
                decline=decline,
                capture_before=END if self.is_manual and not decline else None,
                now=self._tick(),
            )
        if self.status is not PaymentStatus.PENDING:
            assert settled is False
            self._nothing_changed()
            return
        self.status = status
        assert settled is True
        job = ExpirePayment if self.is_manual and decline is None else None
        self._changed(EventName.PAYMENT_SUCCESS if decline is None else EventName.PAYMENT_FAILED, job=job)

    @rule(amount=captures, is_mine=mostly, repeats=st.booleans())
    def capture(self, amount: int | None, is_mine: bool, repeats: bool) -> None:
        owner = self.payment.merchant_id if is_mine else "another"
        is_capturable = self._is_open()
        self._tick()
        answer = self._send(
            partial(self.stores.captures.capture, self.payment.id, owner, amount), repeats=repeats
        )
        if not is_mine or not is_capturable or amount not in {None, AMOUNT}:
            self._is_rejected(answer, is_mine=is_mine)
            return
        assert isinstance(answer, Payment)
        assert answer.captured_at == self.now
        self.is_captured = True
        self._changed(EventName.PAYMENT_CAPTURED, job=CapturePayment if self.is_manual else None)

    @rule(is_mine=mostly, repeats=st.booleans())
    def void(self, is_mine: bool, repeats: bool) -> None:
        owner = self.payment.merchant_id if is_mine else "another"
        self._tick()
        answer = self._send(partial(self.stores.captures.void, self.payment.id, owner), repeats=repeats)
        if not is_mine or not self.is_manual or not self._is_open():
            self._is_rejected(answer, is_mine=is_mine)
            return
        self._is_void()

    @rule(repeats=st.booleans())
    def expire(self, repeats: bool) -> None:
        with self._wire(repeats):
            expired = self.stores.captures.expire(self.payment.id, now=END)
        assert expired is (self.is_manual and self._is_open())
        self._is_void() if expired else self._nothing_changed()

    @rule(repeats=st.booleans())
    def refuse(self, repeats: bool) -> None:
        with self._wire(repeats):
            refused = self.stores.captures.refuse(self.payment.id, now=self._tick())
        assert refused is (self.is_manual and self.is_captured and not self.is_confirmed)
        self._is_void() if refused else self._nothing_changed()

    @rule(is_void=st.booleans(), repeats=st.booleans())
    def confirm(self, is_void: bool, repeats: bool) -> None:
        captures = self.stores.captures
        write = captures.confirm_void if is_void else captures.confirm_capture
        is_due = self.is_voided if is_void else self.is_captured
        with self._wire(repeats):
            confirmed = write(self.payment.id, now=self._tick())
        assert confirmed is (is_due and not self.is_confirmed)
        if not confirmed:
            self._nothing_changed()
            return
        self.is_confirmed = True
        effects = self.watch.change()
        assert effects is not None
        assert (effects.events, effects.payment, effects.refund) == ([], None, None)

    @rule(target=refunds, amount=amounts, is_mine=mostly, repeats=st.booleans())
    def refund(self, amount: int, is_mine: bool, repeats: bool) -> object:
        owner = self.payment.merchant_id if is_mine else "another"
        refund = records.refund(self.payment, amount, merchant_id=owner, created_at=self._tick())
        is_refundable = self.status is PaymentStatus.SUCCESS and (self.is_captured or not self.is_manual)
        is_allowed = is_mine and is_refundable and amount <= self._refundable()
        answer = self._send(partial(self.stores.refunds.create, refund, None), repeats=repeats)
        if not is_allowed:
            self._is_rejected(answer, is_mine=is_mine)
            return multiple()
        assert answer is None
        self.made[refund.id] = (amount, RefundStatus.PENDING)
        self._changed(EventName.REFUND_CREATED, refund)
        return refund

    @rule(refund=refunds, status=refund_outcomes, repeats=st.booleans())
    def settle_refund(self, refund: Refund, status: RefundStatus, repeats: bool) -> None:
        amount, before = self.made[refund.id]
        with self._wire(repeats):
            settled = self.stores.refunds.settle(refund, status, now=self._tick())
        if before is not RefundStatus.PENDING:
            assert settled is None
            self._nothing_changed()
            return
        self.made[refund.id] = (amount, status)
        assert settled is not None
        self._changed(EVENT_OF_REFUND[status], refund)

    @invariant()
    def the_refundable_amount_is_the_amount_without_reserved_and_processed_refunds(self) -> None:
        assert self._stands().amount_refundable == self._refundable() >= 0

    @invariant()
    def the_row_matches_the_model(self) -> None:
        stands = self._stands()
        assert (stands.status, stands.captured) == (self.status, self.is_captured)
        assert (stands.voided_at is not None) is self.is_voided
        assert not (stands.captured and stands.voided_at)
        assert stands.decline == (DECLINE if self.status is PaymentStatus.FAILED else None)
        kept = {id_: self.stores.refunds.get(id_) for id_ in self.made}
        assert {id_: (one.amount, one.status) for id_, one in kept.items() if one} == self.made

    @invariant()
    def its_events_have_unique_ids_and_consecutive_numbers(self) -> None:
        assert [event.sequence for event in self.announced] == list(range(1, len(self.announced) + 1))
        assert len({event.id for event in self.announced}) == len(self.announced)
        assert self._stands().sequence == len(self.announced)

    def _send(self, write: Callable[..., object], *, repeats: bool) -> object:
        """The result of a write, or the error that rejects it."""
        try:
            with self._wire(repeats):
                return write(now=self.now)
        except PaymentRefusedError as refused:
            return refused

    def _is_rejected(self, answer: object, *, is_mine: bool) -> None:
        assert isinstance(answer, PaymentRefusedError)
        assert (answer.payment is not None) is is_mine
        self._nothing_changed()

    def _is_open(self) -> bool:
        return self.status is PaymentStatus.SUCCESS and not self.is_captured and not self.is_voided

    def _is_void(self) -> None:
        self.is_captured, self.is_voided = False, True
        self._changed(EventName.PAYMENT_VOIDED, job=VoidPayment)

    def _changed(
        self, name: EventName, refund: Refund | None = None, *, job: type[PaymentJob] | None = None
    ) -> None:
        effects = self.watch.change()
        assert effects is not None
        (event,) = effects.events
        assert event.name is name
        assert (event.refund and event.refund.id) == (refund and refund.id)
        assert type(effects.payment) is (job or NoneType)
        assert (effects.refund is not None) is (name is EventName.REFUND_CREATED)
        self.announced.append(event)

    def _nothing_changed(self) -> None:
        assert self.watch.change() is None

    def _stands(self) -> Payment:
        payment = self.stores.payments.get(self.payment.id)
        assert payment is not None
        return payment

    def _refundable(self) -> int:
        return AMOUNT - sum(
            amount for amount, status in self.made.values() if status is not RefundStatus.FAILED
        )

    def _wire(self, repeats: bool) -> AbstractContextManager[None]:
        self.wire.repeats = repeats
        return self.wire.between(self.stores)

    def _tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def test_a_payments_lifecycle(on_moto: Stores):
    play(partial(PaymentLife, on_moto))
