"""Response bodies: what the API shows of each record."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue, PlainSerializer, SerializeAsAny

from chalicelib.domain.merchant import Merchant, WebhookEndpoint
from chalicelib.domain.order import Order
from chalicelib.domain.payment import Payment
from chalicelib.domain.refund import Refund
from chalicelib.domain.statistics import Figures, Summary
from chalicelib.domain.times import iso
from chalicelib.domain.webhook_log import WebhookLog
from chalicelib.services.health import Health
from chalicelib.services.job_status import QueueFigures
from chalicelib.services.sessions import SignedIn
from chalicelib.services.stats import Statistics

Timestamp = Annotated[dt.datetime, PlainSerializer(iso, return_type=str)]


class View(BaseModel):
    """A response's JSON body. ``OMITS_NULLS``: what is null is left out instead of shown."""

    model_config = ConfigDict(frozen=True)
    OMITS_NULLS: ClassVar[bool] = False
    STATUS: ClassVar[int] = 200

    def render(self) -> str:
        """The text of the body."""
        return self.model_dump_json(exclude_none=self.OMITS_NULLS)


class FiguresView(View):
    """Some payments. ``success_rate`` is from 0 to 1, of those that ended; ``volume`` is by currency."""

    count: int
    success: int
    failed: int
    success_rate: float | None
    volume: dict[str, int]

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """What is shown of ``figures``."""
        return cls.model_validate(vars(figures) | {"success_rate": figures.success_rate})


class SummaryView(FiguresView):
    """Some payments, and the same by method."""

    by_method: dict[str, FiguresView]

    @classmethod
    def summing(cls, summary: Summary) -> dict[str, Any]:
        """The fields that are shown of ``summary``."""
        methods = {str(method): FiguresView.of(figures) for method, figures in summary.by_method.items()}
        return FiguresView.of(summary.all).model_dump() | {"by_method": methods}


class DayView(SummaryView):
    """The payments that were created on one day, in UTC."""

    date: dt.date


class StatsView(View):
    """``GET /stats``."""

    totals: SummaryView
    days: Sequence[DayView]

    @classmethod
    def of(cls, statistics: Statistics) -> Self:
        """What is shown of ``statistics``."""
        return cls(
            totals=SummaryView.model_validate(SummaryView.summing(statistics.total)),
            days=[
                DayView.model_validate(SummaryView.summing(summary) | {"date": day})
                for day, summary in statistics.days.items()
            ],
        )


class QueueFiguresView(View):
    """The jobs of one queue, or of all."""

    pending: int
    processing: int
    completed: int
    failed: int


class JobStatusView(QueueFiguresView):
    """``GET /test/jobs/status``."""

    worker_status: Literal["running", "stopped"]
    queues: dict[str, QueueFiguresView]

    @classmethod
    def of(cls, figures: Mapping[str, QueueFigures], *, is_running: bool) -> Self:
        """What is shown of the queues' figures."""
        fields = QueueFiguresView.model_fields
        return cls(
            **{name: sum(getattr(queue, name) for queue in figures.values()) for name in fields},
            worker_status="running" if is_running else "stopped",
            queues={name: QueueFiguresView.model_validate(vars(queue)) for name, queue in figures.items()},
        )


class HealthView(View):
    """``GET /health``."""

    status: Literal["healthy", "degraded"]
    database: Literal["connected", "disconnected"]
    queue: Literal["connected", "disconnected"]
    worker: Literal["running", "stopped"]
    timestamp: Timestamp

    @classmethod
    def of(cls, health: Health, now: dt.datetime) -> Self:
        """What is shown of ``health``."""
        return cls(
            status="healthy" if health.is_healthy else "degraded",
            database="connected" if health.database else "disconnected",
            queue="connected" if health.queue else "disconnected",
            worker="running" if health.worker else "stopped",
            timestamp=now,
        )


class TestMerchantView(View):
    """``GET /test/merchant``."""

    id: str
    email: str
    api_key: str
    seeded: bool = True

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """What is shown of the test merchant."""
        return cls(id=merchant.id, email=merchant.email, api_key=merchant.api_key)


class MerchantView(View):
    """``GET /merchants/me``."""

    id: str
    name: str
    email: str
    api_key: str
    webhook_url: str | None

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """What is shown of ``merchant``."""
        return cls.model_validate(vars(merchant) | {"webhook_url": merchant.webhook.url})


class SessionView(View):
    """``POST /sessions``. The token is shown this once."""

    STATUS = 201

    token: str
    expires_at: Timestamp
    merchant: MerchantView

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """What is told of a new session."""
        return cls(
            token=signed_in.token,
            expires_at=signed_in.session.expires_at,
            merchant=MerchantView.of(signed_in.merchant),
        )


class SignedOutView(View):
    """``DELETE /sessions/current``."""

    status: Literal["signed_out"] = "signed_out"


class NewOrderView(View):
    """``POST /orders``."""

    STATUS = 201

    id: str
    merchant_id: str
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, JsonValue]
    status: str
    created_at: Timestamp

    @classmethod
    def of(cls, order: Order) -> Self:
        """What is shown of ``order``."""
        return cls.model_validate(vars(order) | vars(order.money))


class OrderView(NewOrderView):
    """``GET /orders/{id}``."""

    STATUS = 200

    updated_at: Timestamp


class PublicOrderView(View):
    """``GET /orders/{id}/public``: what whoever holds the id may see."""

    id: str
    amount: int
    currency: str
    status: str

    @classmethod
    def of(cls, order: Order) -> Self:
        """What anybody may see of ``order``."""
        return cls.model_validate(vars(order) | vars(order.money))


class NewPaymentView(View):
    """``POST /payments``: ``vpa`` for UPI, ``card_network`` and ``card_last4`` for a card."""

    OMITS_NULLS = True
    STATUS = 201

    id: str
    order_id: str
    amount: int
    currency: str
    method: str
    vpa: str | None = None
    card_network: str | None = None
    card_last4: str | None = None
    status: str
    created_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """What is shown of ``payment``."""
        return cls.model_validate(_fields(payment))


class PaymentView(NewPaymentView):
    """``GET /payments/{id}``; the error once it failed."""

    STATUS = 200

    captured: bool
    amount_refunded: int
    error_code: str | None = None
    error_description: str | None = None
    updated_at: Timestamp


class PublicPaymentView(View):
    """``GET /payments/{id}/public``: nothing of the buyer, nothing of the merchant."""

    OMITS_NULLS = True

    id: str
    order_id: str
    amount: int
    currency: str
    method: str
    status: str
    error_code: str | None = None
    error_description: str | None = None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """What anybody may see of ``payment``."""
        return cls.model_validate(_fields(payment))


def _fields(payment: Payment) -> dict[str, Any]:
    fields = vars(payment) | vars(payment.money) | vars(payment.instrument)
    fields |= {"captured": payment.captured, "amount_refunded": payment.amount_refunded}
    if payment.decline:
        fields |= {"error_code": payment.decline.code, "error_description": payment.decline.description}
    return fields


class NewRefundView(View):
    """``POST /payments/{id}/refunds``."""

    STATUS = 201

    id: str
    payment_id: str
    amount: int
    reason: str | None
    status: str
    created_at: Timestamp

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """What is shown of ``refund``."""
        return cls.model_validate(vars(refund))


class RefundView(NewRefundView):
    """``GET /refunds/{id}``."""

    STATUS = 200

    processed_at: Timestamp | None


class WebhookConfigView(View):
    """``GET`` and ``PUT /webhooks/config``."""

    webhook_url: str | None
    webhook_secret: str
    disabled_at: Timestamp | None
    disabled_reason: str | None

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> Self:
        """What is shown of ``endpoint``."""
        since = iso(endpoint.failing_since) if endpoint.failing_since else None
        return cls(
            webhook_url=endpoint.url,
            webhook_secret=endpoint.secret,
            disabled_at=endpoint.disabled_at,
            disabled_reason=(
                f"No webhook was accepted since {since}; save the URL to be called again"
                if endpoint.disabled_at
                else None
            ),
        )


class WebhookLogItem(View):
    """One line of ``GET /webhooks``."""

    id: str
    event: str
    status: str
    attempts: int
    created_at: Timestamp
    last_attempt_at: Timestamp | None
    next_retry_at: Timestamp | None
    response_code: int | None

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """What the list shows of ``log``."""
        return cls.model_validate(vars(log))


class AttemptView(View):
    """One attempt of a webhook: what was sent, and what came back."""

    at: Timestamp
    trigger: str
    url: str | None
    request_headers: dict[str, str]
    latency_ms: int
    response_code: int | None
    response_headers: dict[str, str] | None
    response_body: str | None
    response_truncated: bool
    error: str | None


class WebhookLogView(WebhookLogItem):
    """``GET /webhooks/{id}``. ``body`` is the exact text that was signed and sent."""

    payload: dict[str, JsonValue]
    body: str
    attempt_log: Sequence[AttemptView]

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """All there is to know of ``log``."""
        attempts = [vars(attempt) for attempt in log.history]
        return cls.model_validate(vars(log) | {"payload": json.loads(log.body), "attempt_log": attempts})


class WebhookSecretView(View):
    """``POST /webhooks/secret/regenerate``."""

    webhook_secret: str


class WebhookTestView(View):
    """``POST /webhooks/test``."""

    STATUS = 201

    id: str
    event: str
    status: str

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The answer once the test is owed."""
        return cls.model_validate(vars(log))


class ListView(View):
    """Every list: a page, newest first, and how to get the next one."""

    data: Sequence[SerializeAsAny[View]]
    total: int
    limit: int
    offset: int
    next_cursor: str | None


class WebhookRetryView(View):
    """``POST /webhooks/{id}/retry``."""

    id: str
    status: str
    message: str = "Webhook retry scheduled"

    @classmethod
    def of(cls, log: WebhookLog) -> Self:
        """The answer once the retry of ``log`` is written."""
        return cls(id=log.id, status=log.status)
