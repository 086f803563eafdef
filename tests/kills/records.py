"""All rows of a stack's tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.webhook_log import WebhookLog
from chalicelib.store.payments import PaymentRow, payment_from_row
from chalicelib.store.refund_map import refund_from_row
from chalicelib.store.refunds import RefundRow
from chalicelib.store.webhook_logs import WebhookLogRow, log_from_row
from infra.aws import Aws


@dataclass(frozen=True)
class Records:
    """Payments, refunds and webhook logs by id."""

    payments: Mapping[str, Payment]
    refunds: Mapping[str, Refund]
    logs: Mapping[str, WebhookLog]

    @classmethod
    def read(cls, outputs: Mapping[str, str], aws: Aws) -> Self:
        """Read the tables in the stack's ``outputs``."""
        database = aws.database()
        payments = database.bind(PaymentRow, outputs["PaymentsTable"]).scan(consistent_read=True)
        refunds = database.bind(RefundRow, outputs["RefundsTable"]).scan(consistent_read=True)
        logs = database.bind(WebhookLogRow, outputs["WebhookLogsTable"]).scan(consistent_read=True)
        return cls(
            payments={row.id: payment_from_row(row) for row in payments},
            refunds={row.id: refund_from_row(row) for row in refunds},
            logs={row.id: log_from_row(row) for row in logs},
        )
