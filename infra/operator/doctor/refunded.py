"""Checks that refunds match the refundable amounts of their payments."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund, RefundStatus
from infra.operator.doctor.findings import Finding, Kind, Report


@dataclass(frozen=True, kw_only=True)
class Refunded:
    """The refunds of all payments, collected before the payments are read.

    Every change of a refund also changes its payment. The refunds of a payment that has not changed since
    ``quiet_since``, a time before the first refund was read, are therefore complete. Other payments are not
    checked.
    """

    quiet_since: datetime
    report: Report
    _by_payment: dict[str, list[Refund]] = field(default_factory=dict)

    def add(self, refund: Refund) -> None:
        """Add a refund."""
        self._by_payment.setdefault(refund.payment_id, []).append(refund)

    def take(self, payment: Payment) -> list[Refund]:
        """Remove and return the payment's refunds. Reports a sum that does not match the payment."""
        refunds = self._by_payment.pop(payment.id, [])
        refunded = sum(refund.amount for refund in refunds if refund.status is not RefundStatus.FAILED)
        if payment.updated_at < self.quiet_since and refunded != payment.amount_refunded:
            message = (
                f"the refundable amount is {payment.amount_refundable} of {payment.money.amount}, "
                f"but pending and processed refunds are {refunded}"
            )
            self.report(Finding(kind=Kind.MONEY, subject=payment.id, message=message))
        return refunds

    def finish(self) -> None:
        """Report the refunds without a payment."""
        for refund in (refund for refunds in self._by_payment.values() for refund in refunds):
            if refund.created_at < self.quiet_since:
                message = f"its payment {refund.payment_id} does not exist"
                self.report(Finding(kind=Kind.MONEY, subject=refund.id, message=message))
