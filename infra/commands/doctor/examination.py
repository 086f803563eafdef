"""One examination: every table read once, in an order that makes sense while the gateway goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pynamodb.models import Model

from chalicelib.domain.counting import Counts, count_order, count_payment, count_refund, count_webhook_log
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.jobs import ProcessRefund
from chalicelib.relay import Change, Debt
from chalicelib.store.orders import order_of
from chalicelib.store.payments import payment_of
from chalicelib.store.refund_rows import refund_of
from chalicelib.store.tables import MerchantRow, OrderRow, PaymentRow, RefundRow, WebhookLogRow
from chalicelib.store.webhook_log_rows import log_of
from infra.commands.deployment import Deployment, Item
from infra.commands.doctor.announcements import Announcements
from infra.commands.doctor.counters import Tally
from infra.commands.doctor.findings import Finding, Kind, Report
from infra.commands.doctor.lateness import Lateness
from infra.commands.doctor.progress import Progress
from infra.commands.doctor.refunded import Refunded

# What changed within this time before the start is not judged: clocks differ, and the relay needs a moment.
QUIET = timedelta(seconds=60)

Row = TypeVar("Row", bound=Model)
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Reads a deployment's rows and reports what is wrong with them. Changes nothing."""

    deployment: Deployment
    lateness: Lateness
    progress: Progress
    report: Report
    settle_s: float

    def run(self) -> None:
        """Read everything. Refunds come before payments: see Refunded."""
        gateway, quiet_since = self.deployment.gateway, self.lateness.now - QUIET
        merchants = {row.id: row for _, row in self._rows(MerchantRow, _itself)}
        tally = Tally.start(gateway.stats.counters, merchants, settle_s=self.settle_s)
        refunded = Refunded(quiet_since=quiet_since, report=self.report)
        announcements = Announcements(
            logs=self.deployment.table(WebhookLogRow),
            told={id_ for id_, row in merchants.items() if row.webhook_url},
            now=self.lateness.now,
            quiet_since=quiet_since,
            report=self.report,
        )
        for _ in self._counted(OrderRow, order_of, count_order, tally):
            pass
        for _, refund in self._counted(RefundRow, refund_of, count_refund, tally):
            refunded.add(refund)
        for item, payment in self._counted(PaymentRow, payment_of, count_payment, tally):
            refunds = refunded.take(payment)
            announcements.check(payment, refunds)
            self._judge_payment(item, payment, refunds)
        for item, log in self._counted(WebhookLogRow, log_of, count_webhook_log, tally):
            self._judge_log(item, log)
        announcements.finish()
        refunded.finish()
        tally.finish(self.report)

    def _judge_payment(self, item: Item, payment: Payment, refunds: list[Refund]) -> None:
        if payment.status is PaymentStatus.PENDING and (job := self._debt(PaymentRow, item).payment):
            self.lateness.judge(job)
        token, currency = payment.instrument.token, payment.money.currency
        for refund in refunds:
            if refund.status is RefundStatus.PENDING:
                self.lateness.judge(ProcessRefund(refund=refund, token=token, currency=currency))

    def _judge_log(self, item: Item, log: WebhookLog) -> None:
        is_held = log.leased_until is not None and log.leased_until > self.lateness.now
        if log.status is not WebhookStatus.PENDING or is_held:
            return
        if job := self._debt(WebhookLogRow, item).webhook:
            self.lateness.judge(job)

    def _debt(self, row: type[Model], item: Item) -> Debt:
        """What the row would owe if it were new; the relay knows."""
        table = self.deployment.table_name(row)
        return self.deployment.gateway.relay.read(Change(id="", table=table, before=None, after=item))

    def _counted(
        self,
        row: type[Row],
        thing_of: Callable[[Row], Thing],
        count: Callable[[Thing | None, Thing | None], Counts],
        tally: Tally,
    ) -> Iterator[tuple[Item, Thing]]:
        for item, thing in self._rows(row, thing_of):
            tally.add(count(None, thing))
            yield item, thing

    def _rows(self, row: type[Row], thing_of: Callable[[Row], Thing]) -> Iterator[tuple[Item, Thing]]:
        name = row.Meta.table_name
        for item in self.progress.over(name.replace("_", " "), self.deployment.scan(row)):
            try:
                thing = thing_of(row.from_raw_data(dict(item)))
            except Exception as error:  # whatever is in the row, the others are to be read too
                says = f"in {name}: {type(error).__name__}: {error}"
                self.report(Finding(kind=Kind.UNREADABLE, subject=item["id"]["S"], says=says))
            else:
                yield item, thing


def _itself(row: MerchantRow) -> MerchantRow:
    return row
