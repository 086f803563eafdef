"""One examination: every table read once, in an order that makes sense while the gateway goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pynamodb.models import Model

from chalicelib.domain.counters import Counts, count_order, count_payment, count_refund, count_webhook_log
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.jobs.messages import ProcessRefund
from chalicelib.store.merchants import MerchantRow
from chalicelib.store.orders import OrderRow, order_from_row
from chalicelib.store.payments import PaymentRow, payment_from_row
from chalicelib.store.refund_map import refund_from_row
from chalicelib.store.refunds import RefundRow
from chalicelib.store.webhook_logs import WebhookLogRow, log_from_row
from chalicelib.streams.effects import Effects, RowChange, effects_of
from infra.operator.deployment import Deployment, Item
from infra.operator.doctor.announcements import Announcements
from infra.operator.doctor.counters import Tally
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.operator.doctor.lateness import Lateness
from infra.operator.doctor.refunded import Refunded
from infra.operator.doctor.row_counter import RowCounter

# What changed within this time before the start is not judged: clocks differ, and the relay needs a moment.
QUIET = timedelta(seconds=60)

Row = TypeVar("Row", bound=Model)
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Reads a deployment's rows and reports what is wrong with them. Changes nothing."""

    deployment: Deployment
    lateness: Lateness
    counter: RowCounter
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
        for _ in self._counted(OrderRow, order_from_row, count_order, tally):
            pass
        for _, refund in self._counted(RefundRow, refund_from_row, count_refund, tally):
            refunded.add(refund)
        for item, payment in self._counted(PaymentRow, payment_from_row, count_payment, tally):
            refunds = refunded.take(payment)
            announcements.check(payment, refunds)
            self._judge_payment(item, payment, refunds)
        for item, log in self._counted(WebhookLogRow, log_from_row, count_webhook_log, tally):
            self._judge_log(item, log)
        announcements.finish()
        refunded.finish()
        tally.finish(self.report)

    def _judge_payment(self, item: Item, payment: Payment, refunds: list[Refund]) -> None:
        if payment.status is PaymentStatus.PENDING and (job := self._effects(PaymentRow, item).payment):
            self.lateness.evaluate(job)
        token, currency = payment.instrument.token, payment.money.currency
        for refund in refunds:
            if refund.status is RefundStatus.PENDING:
                self.lateness.evaluate(ProcessRefund.of(refund, token=token, currency=currency))

    def _judge_log(self, item: Item, log: WebhookLog) -> None:
        is_held = log.leased_until is not None and log.leased_until > self.lateness.now
        if log.status is not WebhookStatus.PENDING or is_held:
            return
        if job := self._effects(WebhookLogRow, item).webhook:
            self.lateness.evaluate(job)

    def _effects(self, row: type[Model], item: Item) -> Effects:
        """What the row would owe if it were new; the relay knows."""
        table = self.deployment.table_name(row)
        change = RowChange(id="", table=table, before=None, after=item)
        return effects_of(change, self.deployment.settings.tables)

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
        for item in self.counter.over(name.replace("_", " "), self.deployment.scan(row)):
            try:
                thing = thing_of(row.from_raw_data(dict(item)))
            except Exception as error:  # whatever is in the row, the others are to be read too
                says = f"in {name}: {type(error).__name__}: {error}"
                self.report(Finding(kind=Kind.UNREADABLE, subject=item["id"]["S"], says=says))
            else:
                yield item, thing


def _itself(row: MerchantRow) -> MerchantRow:
    return row
