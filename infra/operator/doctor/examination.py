"""The examination: reads every table once, in an order that is correct while the gateway is running."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from pynamodb.models import Model

from chalicelib.domain.counters import count_payment
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import DEFAULT_ACQUIRER, Payment
from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.domain.webhook_log import WebhookLog, WebhookStatus
from chalicelib.jobs.messages import ProcessRefund
from chalicelib.store.merchants import MerchantRow, merchant_from_row
from chalicelib.store.orders import OrderRow, order_from_row
from chalicelib.store.payments import PaymentRow, payment_from_row
from chalicelib.store.refund_map import refund_from_row
from chalicelib.store.refunds import RefundRow
from chalicelib.store.webhook_logs import WebhookLogRow, log_from_row
from chalicelib.streams.effects import Effects, RowChange, effects_of
from infra.operator.deployment import Deployment, Item, is_merchant
from infra.operator.doctor.acquirer_comparison import AcquirerComparison
from infra.operator.doctor.announcements import Announcements
from infra.operator.doctor.counters import CounterCheck
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.operator.doctor.lateness import Lateness
from infra.operator.doctor.refunded import Refunded
from infra.operator.doctor.row_counter import RowCounter

# Rows that changed within this time before the start are not checked, because of clock skew and relay delay.
QUIET = timedelta(seconds=60)

Row = TypeVar("Row", bound=Model)
Entity = TypeVar("Entity")


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Reads a deployment's rows and reports problems. Changes nothing."""

    deployment: Deployment
    lateness: Lateness
    comparison: AcquirerComparison
    counter: RowCounter
    report: Report
    settle_s: float

    def run(self) -> None:
        """Read all tables. Refunds are read before payments: see Refunded."""
        gateway, quiet_since = self.deployment.gateway, self.lateness.now - QUIET
        rows = (row for item, row in self._rows(MerchantRow, _unchanged) if is_merchant(item))
        merchants = {row.id: row for row in rows}
        if self.deployment.stage.is_production:
            self._check_acquirers(merchants.values())
        counter_check = CounterCheck.start(gateway.stats.counters, merchants, settle_s=self.settle_s)
        refunded = Refunded(quiet_since=quiet_since, report=self.report)
        announcements = Announcements(
            logs=self.deployment.table(WebhookLogRow),
            merchants_with_url={
                id_ for id_, row in merchants.items() if row.webhook_url and not row.webhook_events
            },
            now=self.lateness.now,
            quiet_since=quiet_since,
            report=self.report,
        )
        for _ in self._rows(OrderRow, order_from_row):
            pass
        for _, refund in self._rows(RefundRow, refund_from_row):
            refunded.add(refund)
        for item, payment in self._rows(PaymentRow, payment_from_row):
            counter_check.add(payment.merchant_id, count_payment(payment))
            refunds = refunded.take(payment)
            announcements.check(payment, refunds)
            self.comparison.add(payment, refunds)
            self._check_payment(item, payment, refunds)
        for item, log in self._rows(WebhookLogRow, log_from_row):
            self._check_log(item, log)
        announcements.finish()
        refunded.finish()
        counter_check.finish(self.report)
        self.comparison.finish()

    def _check_acquirers(self, merchants: Iterable[MerchantRow]) -> None:
        for merchant in map(merchant_from_row, merchants):
            simulated = [
                method for method in PaymentMethod if merchant.acquirer_of(method) == DEFAULT_ACQUIRER
            ]
            if merchant.is_active and simulated:
                message = f"{merchant.name}: {' and '.join(simulated)}"
                self.report(Finding(kind=Kind.SIMULATED, subject=merchant.id, message=message))

    def _check_payment(self, item: Item, payment: Payment, refunds: list[Refund]) -> None:
        if job := self._effects(PaymentRow, item).payment:
            due_at = payment.open_action.expires_at if payment.open_action else job.due_at
            self.lateness.check(job, due_at)
        for refund in refunds:
            if refund.status is RefundStatus.PENDING:
                self.lateness.check(ProcessRefund.of(refund, payment), refund.process_at)

    def _check_log(self, item: Item, log: WebhookLog) -> None:
        is_leased = log.leased_until is not None and log.leased_until > self.lateness.now
        if log.status is not WebhookStatus.PENDING or is_leased:
            return
        if job := self._effects(WebhookLogRow, item).webhook:
            self.lateness.check(job, job.due_at)

    def _effects(self, row: type[Model], item: Item) -> Effects:
        """The relay's effects of the row, as if it were new."""
        table = self.deployment.table_name(row)
        change = RowChange(id="", table=table, before=None, after=item)
        return effects_of(change, self.deployment.settings.tables)

    def _rows(self, row: type[Row], convert: Callable[[Row], Entity]) -> Iterator[tuple[Item, Entity]]:
        name = row.Meta.table_name
        for item in self.counter.over(name.replace("_", " "), self.deployment.scan(row)):
            try:
                entity = convert(row.from_raw_data(dict(item)))
            except Exception as error:  # an invalid row must not prevent the check of the others
                message = f"in {name}: {type(error).__name__}: {error}"
                self.report(Finding(kind=Kind.UNREADABLE, subject=item["id"]["S"], message=message))
            else:
                yield item, entity


def _unchanged(row: MerchantRow) -> MerchantRow:
    return row
