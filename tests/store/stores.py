"""All stores on one engine, and functions that write rows."""

import secrets
from dataclasses import dataclass
from typing import Any, TypeVar

from pynamodb.models import Model

from chalicelib.store.captures import CaptureStore
from chalicelib.store.counters import CounterRow, CounterStore
from chalicelib.store.events import EventRow, EventStore
from chalicelib.store.idempotency import IdempotencyKeyRow, IdempotencyStore
from chalicelib.store.lists import Lists
from chalicelib.store.merchants import MerchantRow, MerchantStore
from chalicelib.store.orders import OrderRow, OrderStore
from chalicelib.store.payments import PaymentRow, PaymentStore
from chalicelib.store.planned_declines import PlannedDeclinesRow, PlannedDeclineStore
from chalicelib.store.refunds import RefundRow, RefundStore
from chalicelib.store.sessions import SessionRow, SessionStore
from chalicelib.store.simulated_charges import SimulatedChargeRow, SimulatedChargeStore
from chalicelib.store.tables import TABLES
from chalicelib.store.webhook_attempts import WebhookAttemptRow, WebhookAttemptStore
from chalicelib.store.webhook_endpoints import WebhookEndpointRow, WebhookEndpointStore
from chalicelib.store.webhook_health import WebhookHealthRow, WebhookHealthStore
from chalicelib.store.webhook_logs import WebhookLogRow, WebhookLogStore
from infra.aws import Aws
from tests.domain import examples

Row = TypeVar("Row", bound=Model)

NOW = examples.NOW.replace(year=2126)
"""A time in the future, because two of the engines delete expired rows at any time."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The stores of one engine; ``rows`` are the models with their tables."""

    engine: str
    client: Any
    rows: dict[type[Model], type[Model]]
    shards: int = 1

    @classmethod
    def on(cls, engine: str, aws: Aws) -> "Stores":
        """Bind every model to its table."""
        database = aws.database()
        models: tuple[type[Model], ...] = (*TABLES, WebhookEndpointRow, PlannedDeclinesRow)
        rows = {row: database.bind(row, f"test-{row.Meta.table_name}") for row in models}
        return cls(engine=engine, client=aws.client("dynamodb"), rows=rows)

    def make_tables(self) -> None:
        """Create the tables of the models."""
        for row in TABLES:
            self.rows[row].create_table(wait=True, billing_mode="PAY_PER_REQUEST")

    def row(self, model: type[Row]) -> type[Row]:
        """The model with its table."""
        return self.rows[model]  # type: ignore[return-value]

    @property
    def lists(self) -> Lists:
        return Lists(self.shards)

    @property
    def endpoints(self) -> WebhookEndpointStore:
        return WebhookEndpointStore(self.row(WebhookEndpointRow), self.row(MerchantRow), self.once)

    @property
    def health(self) -> WebhookHealthStore:
        return WebhookHealthStore(self.row(WebhookHealthRow))

    @property
    def once(self) -> IdempotencyStore:
        return IdempotencyStore(self.row(IdempotencyKeyRow))

    @property
    def declines(self) -> PlannedDeclineStore:
        return PlannedDeclineStore(self.row(PlannedDeclinesRow))

    @property
    def merchants(self) -> MerchantStore:
        return MerchantStore(self.row(MerchantRow))

    @property
    def orders(self) -> OrderStore:
        return OrderStore(self.row(OrderRow), self.once, self.lists)

    @property
    def payments(self) -> PaymentStore:
        return PaymentStore(self.row(PaymentRow), self.row(OrderRow), self.once, self.lists)

    @property
    def captures(self) -> CaptureStore:
        return CaptureStore(self.row(PaymentRow))

    @property
    def refunds(self) -> RefundStore:
        return RefundStore(self.row(RefundRow), self.row(PaymentRow), self.once, self.lists)

    @property
    def attempts(self) -> WebhookAttemptStore:
        return WebhookAttemptStore(self.row(WebhookAttemptRow))

    @property
    def logs(self) -> WebhookLogStore:
        return WebhookLogStore(self.row(WebhookLogRow), self.attempts, self.once, self.lists)

    @property
    def sessions(self) -> SessionStore:
        return SessionStore(self.row(SessionRow))

    @property
    def charges(self) -> SimulatedChargeStore:
        return SimulatedChargeStore(self.row(SimulatedChargeRow))

    @property
    def counters(self) -> CounterStore:
        return CounterStore(self.row(CounterRow))

    @property
    def events(self) -> EventStore:
        return EventStore(self.row(EventRow), self.counters)


def fresh(prefix: str = "") -> str:
    """A unique id, because all tests share the engines' tables."""
    return prefix + secrets.token_hex(8)
