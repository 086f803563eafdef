"""Refunds against what their payments say is left to refund."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund, RefundStatus
from infra.operator.doctor.findings import Finding, Kind, Report


@dataclass(frozen=True, kw_only=True)
class Refunded:
    """The refunds of all payments, gathered before the payments are read.

    A refund's every change is a change of its payment too. So a payment that did not change since
    ``quiet_since``, before the first refund was read, was read with all its refunds; others are not judged.
    """

    quiet_since: datetime
    report: Report
    _of: dict[str, list[Refund]] = field(default_factory=dict)

    def add(self, refund: Refund) -> None:
        """Remember a refund until its payment comes."""
        self._of.setdefault(refund.payment_id, []).append(refund)

    def take(self, payment: Payment) -> list[Refund]:
        """The payment's refunds; reports when they do not add up."""
        refunds = self._of.pop(payment.id, [])
        held = sum(refund.amount for refund in refunds if refund.status is not RefundStatus.FAILED)
        if payment.updated_at < self.quiet_since and held != payment.amount_refunded:
            says = (
                f"of {payment.money.amount}, {payment.amount_refundable} may be refunded, "
                f"but pending and processed refunds are {held}"
            )
            self.report(Finding(kind=Kind.MONEY, subject=payment.id, says=says))
        return refunds

    def finish(self) -> None:
        """Report the refunds whose payment never came."""
        for refund in (refund for refunds in self._of.values() for refund in refunds):
            if refund.created_at < self.quiet_since:
                says = f"its payment {refund.payment_id} does not exist"
                self.report(Finding(kind=Kind.MONEY, subject=refund.id, says=says))
