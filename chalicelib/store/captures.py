"""Captures and voids of payments in DynamoDB. The condition of the row allows one of them."""

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.payment import CaptureMode, Payment, PaymentStatus, VoidReason
from chalicelib.store import write
from chalicelib.store.payments import PaymentRefusedError, PaymentRow, next_event, payment_from_row


class CaptureStore:
    """Captures and voids, in the rows of the payments."""

    def __init__(self, table: type[PaymentRow]) -> None:
        self._table = table

    def capture(self, payment_id: str, merchant_id: str, amount: int | None, *, now: datetime) -> Payment:
        """Capture a successful payment that is not captured or voided, in time. One request.

        Raises PaymentRefusedError with the current payment, or None if the merchant has no such payment.
        """
        table = self._table
        is_in_time = table.capture_before.does_not_exist() | (table.capture_before > now)
        condition = (table.merchant_id == merchant_id) & self._is_open() & is_in_time
        if amount is not None:
            condition &= table.amount == amount
        return self._update(payment_id, merchant_id, [table.captured_at.set(now)], condition, now=now)

    def void(self, payment_id: str, merchant_id: str, *, now: datetime) -> Payment:
        """Void a payment with manual capture that is not captured or voided. One request.

        Raises PaymentRefusedError like ``capture``.
        """
        condition = (self._table.merchant_id == merchant_id) & self._is_open() & self._is_manual()
        actions = self._voided(VoidReason.REQUESTED, now)
        return self._update(payment_id, merchant_id, actions, condition, now=now)

    def expire(self, payment_id: str, *, now: datetime) -> bool:
        """Void a payment that was not captured in time. One request. False if it is captured or voided."""
        condition = self._is_open() & self._is_manual() & (self._table.capture_before <= now)
        return self._is_updated(
            payment_id, [*self._voided(VoidReason.EXPIRED, now), *self._next(now)], condition
        )

    def refuse(self, payment_id: str, *, now: datetime) -> bool:
        """Void a captured payment whose capture the acquirer refused. One request.

        False if the capture is confirmed or the payment is voided.
        """
        table = self._table
        actions: list[Action] = [table.captured_at.remove(), *self._voided(VoidReason.CAPTURE_REFUSED, now)]
        condition = self._is_manual() & table.captured_at.exists() & table.confirmed_at.does_not_exist()
        return self._is_updated(payment_id, [*actions, *self._next(now)], condition)

    def confirm_capture(self, payment_id: str, *, now: datetime) -> bool:
        """Record that the acquirer captured the payment. One request. False if that is recorded."""
        return self._confirm(payment_id, self._table.captured_at.exists(), now)

    def confirm_void(self, payment_id: str, *, now: datetime) -> bool:
        """Record that the acquirer released the money. One request. False if that is recorded."""
        return self._confirm(payment_id, self._table.voided_at.exists(), now)

    def _confirm(self, payment_id: str, condition: Condition, now: datetime) -> bool:
        """The confirmation has no event, so it changes no number."""
        table = self._table
        confirmed = [table.confirmed_at.set(now)]
        return self._is_updated(payment_id, confirmed, condition & table.confirmed_at.does_not_exist())

    def _is_open(self) -> Condition:
        """The condition that the payment succeeded and is neither captured nor voided."""
        table = self._table
        condition: Condition = table.status == PaymentStatus.SUCCESS
        condition &= table.captured_at.does_not_exist() & table.voided_at.does_not_exist()
        return condition

    def _is_manual(self) -> Condition:
        is_manual: Condition = self._table.capture_mode == CaptureMode.MANUAL
        return is_manual

    def _voided(self, reason: VoidReason, now: datetime) -> list[Action]:
        return [self._table.voided_at.set(now), self._table.void_reason.set(reason)]

    def _next(self, now: datetime) -> list[Action]:
        return next_event(self._table, now)

    def _update(
        self, payment_id: str, merchant_id: str, actions: list[Action], condition: Condition, *, now: datetime
    ) -> Payment:
        key = self._table(payment_id)
        try:
            return payment_from_row(write.update(key, [*actions, *self._next(now)], condition))
        except write.ConditionFailedError as failure:
            raise PaymentRefusedError.of(failure.row, merchant_id) from failure

    def _is_updated(self, payment_id: str, actions: Sequence[Action], condition: Condition) -> bool:
        try:
            write.update(self._table(payment_id), actions, condition)
        except write.ConditionFailedError:
            return False
        return True
