"""Compares open payments and refunds with their status at the acquirers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.acquirers.base import Approved, Declined, Result, Unknown
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.registry import UnknownAcquirerError
from chalicelib.bootstrap import Gateway
from chalicelib.domain.payment import DEFAULT_ACQUIRER, Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.jobs.messages import Job, ProcessPayment, ProcessRefund
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.operator.doctor.row_counter import RowCounter
from infra.operator.logs import warnings_on_stderr

MAX_QUESTIONS = 100  # each takes as long as one request to an acquirer; more are rarely open that long
ASK_AFTER = timedelta(minutes=5)  # after the first request was due; most outcomes arrive earlier
MAX_SILENT = 3  # requests without a response, each of up to 8 s, after which the account is not asked


@dataclass(frozen=True, kw_only=True)
class _Open:
    """A pending payment, or a pending refund of ``payment``."""

    payment: Payment
    refund: Refund | None = None

    @property
    def account(self) -> tuple[str, str]:
        return self.payment.merchant_id, self.payment.acquirer_name

    @property
    def process_at(self) -> datetime:
        return self.refund.process_at if self.refund else self.payment.process_at

    def ask(self, gateway: Gateway) -> Result | None:
        """The status at the acquirer."""
        if self.refund:
            return gateway.refunds.ask_status(self.refund, self.payment)
        return gateway.payments.ask_status(self.payment)

    def is_still_open(self, gateway: Gateway) -> bool:
        """Whether the row is pending now. 1 request."""
        if self.refund:
            refund = gateway.refunds.refunds.get(self.refund.id)
            return refund is not None and refund.status is RefundStatus.PENDING
        payment = gateway.payments.payments.get(self.payment.id)
        return payment is not None and payment.status is PaymentStatus.PENDING

    def finding(self, kind: Kind, message: str, job: Job | None = None) -> Finding:
        """A finding about it."""
        return Finding(
            kind=kind, subject=self.refund.id if self.refund else self.payment.id, message=message, job=job
        )

    def check_job(self, now: datetime) -> Job:
        """The job that stores the outcome."""
        if self.refund:
            return ProcessRefund.check_of(self.refund, self.payment, now)
        return ProcessPayment.check_of(self.payment, now)

    def request_job(self) -> Job:
        """The job that sends the request. It can be sent twice, like every job."""
        return ProcessRefund.of(self.refund, self.payment) if self.refund else ProcessPayment.of(self.payment)


@dataclass(kw_only=True)
class AcquirerComparison:
    """Asks the acquirers for the status of what is open longer than ASK_AFTER, the oldest first.

    It sends at most ``limit`` requests. It never charges, but the ``status`` of an acquirer can capture a
    payment that is authorized, as the check of the payment would. The simulated acquirer is not asked: it
    derives the status from the request, whether it received that before or not.
    """

    gateway: Gateway
    now: datetime
    limit: int
    counter: RowCounter
    report: Report
    _open: list[_Open] = field(default_factory=list)
    _asked: int = 0
    _simulated: int = 0
    _over_limit: int = 0
    _after_silence: int = 0
    _silent: Counter[tuple[str, str]] = field(default_factory=Counter)
    _impossible: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, payment: Payment, refunds: Sequence[Refund]) -> None:
        """Add the payment and its refunds, if they are open."""
        if self.limit == 0:
            return
        if payment.status is PaymentStatus.PENDING:
            self._add(_Open(payment=payment))
        if not payment.is_manual or payment.confirmed_at:  # refunds wait for the confirmation of a capture
            for refund in refunds:
                if refund.status is RefundStatus.PENDING:
                    self._add(_Open(payment=payment, refund=refund))

    def finish(self) -> None:
        """Ask the acquirers and report the differences."""
        self._open.sort(key=lambda one: one.process_at)
        with warnings_on_stderr():
            for one in self.counter.over("open", self._open):
                if self._asked >= self.limit:
                    self._over_limit += 1
                elif self._silent[one.account] >= MAX_SILENT:
                    self._after_silence += 1
                else:
                    self._compare(one)
        for (merchant_id, problem), count in self._impossible.items():
            message = f"{problem}; open payments and refunds: {count:,}"
            self.report(Finding(kind=Kind.NOT_COMPARED, subject=f"merchant {merchant_id}", message=message))

    def summary(self) -> str:
        """How many payments and refunds were compared, and why others were not."""
        reasons = {
            "over the limit (--acquirer-checks)": self._over_limit,
            "after acquirers did not respond": self._after_silence,
            "of the simulated acquirer, which keeps no record of requests": self._simulated,
        }
        skipped = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items() if count)
        compared = f"Compared with acquirers: {self._asked:,} open payments and refunds."
        return f"{compared} Not compared: {skipped}." if skipped else compared

    def _add(self, one: _Open) -> None:
        if self.now - one.process_at < ASK_AFTER:
            return
        if one.payment.acquirer_name == DEFAULT_ACQUIRER:
            self._simulated += 1
        else:
            self._open.append(one)

    def _compare(self, one: _Open) -> None:
        merchant_id, acquirer = one.account
        try:
            result = one.ask(self.gateway)
        except (CredentialsError, UnknownAcquirerError) as error:
            self._impossible[merchant_id, str(error)] += 1
            return
        self._asked += 1
        self._silent[one.account] = self._silent[one.account] + 1 if isinstance(result, Unknown) else 0
        finding = _finding_of(one, result, acquirer, self.now)
        if finding and one.is_still_open(self.gateway):
            self.report(finding)


def _finding_of(one: _Open, result: Result | None, acquirer: str, now: datetime) -> Finding | None:
    """The difference, if there is one. An acquirer that waits, too, is none."""
    since = f"pending since {one.process_at:%Y-%m-%d %H:%M} UTC"
    match result:
        case Approved(reference=reference):
            text = f"{acquirer} approved it as {reference}; {since}"
            return one.finding(Kind.OUTCOMES, text, one.check_job(now))
        case Declined(code=code):
            text = f"{acquirer} declined it ({code}); {since}"
            return one.finding(Kind.OUTCOMES, text, one.check_job(now))
        case Unknown():
            return one.finding(Kind.NOT_COMPARED, f"{acquirer} did not respond")
        case None:
            text = f"{acquirer} does not know it; {since}"
            return one.finding(Kind.UNKNOWN_THERE, text, one.request_job())
    return None
