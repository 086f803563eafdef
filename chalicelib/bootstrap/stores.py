"""The stores of the tables, each created at its first use."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.settings import Settings, TableNames
from chalicelib.store.database import Database

if TYPE_CHECKING:
    from chalicelib.store.api_requests import ApiRequestStore
    from chalicelib.store.captures import CaptureStore
    from chalicelib.store.counters import CounterStore
    from chalicelib.store.events import EventStore
    from chalicelib.store.idempotency import IdempotencyStore
    from chalicelib.store.lists import Lists
    from chalicelib.store.merchant_clocks import MerchantClockStore
    from chalicelib.store.merchants import MerchantRow, MerchantStore
    from chalicelib.store.orders import OrderRow, OrderStore
    from chalicelib.store.payments import PaymentRow, PaymentStore
    from chalicelib.store.planned_declines import PlannedDeclineStore
    from chalicelib.store.refunds import RefundStore
    from chalicelib.store.sessions import SessionStore
    from chalicelib.store.simulated_charges import SimulatedChargeStore
    from chalicelib.store.webhook_endpoints import WebhookEndpointStore
    from chalicelib.store.webhook_health import WebhookHealthStore
    from chalicelib.store.webhook_logs import WebhookLogStore
    from chalicelib.store.webhook_pace import WebhookPaceStore


@dataclass(frozen=True)
class Stores:
    """The stores of ``database``. Create a store before several threads use it."""

    settings: Settings
    database: Database

    @cached_property
    def merchants(self) -> "MerchantStore":
        """The merchants."""
        from chalicelib.store.merchants import MerchantStore

        return MerchantStore(self._merchant_table)

    @cached_property
    def merchant_clocks(self) -> "MerchantClockStore":
        """The clocks of merchants, outside production."""
        from chalicelib.store.merchant_clocks import MerchantClockStore

        return MerchantClockStore(self._merchant_table)

    @cached_property
    def webhook_endpoints(self) -> "WebhookEndpointStore":
        """The webhook endpoints of merchants."""
        from chalicelib.store.webhook_endpoints import WebhookEndpointRow, WebhookEndpointStore

        table = self.database.bind(WebhookEndpointRow, self._names.merchants)
        return WebhookEndpointStore(table, self._merchant_table, self.idempotency)

    @cached_property
    def webhook_health(self) -> "WebhookHealthStore":
        """The failures of each endpoint."""
        from chalicelib.store.webhook_health import WebhookHealthRow, WebhookHealthStore

        return WebhookHealthStore(self.database.bind(WebhookHealthRow, self._names.webhook_health))

    @cached_property
    def webhook_pace(self) -> "WebhookPaceStore":
        """The turns of slow endpoints."""
        from chalicelib.store.webhook_pace import WebhookPaceRow, WebhookPaceStore

        return WebhookPaceStore(self.database.bind(WebhookPaceRow, self._names.webhook_pace))

    @cached_property
    def webhook_logs(self) -> "WebhookLogStore":
        """The webhook logs and their attempts."""
        from chalicelib.store.webhook_attempts import WebhookAttemptRow, WebhookAttemptStore
        from chalicelib.store.webhook_logs import WebhookLogRow, WebhookLogStore

        attempts = WebhookAttemptStore(self.database.bind(WebhookAttemptRow, self._names.webhook_attempts))
        table = self.database.bind(WebhookLogRow, self._names.webhook_logs)
        return WebhookLogStore(table, attempts, self.idempotency, self._lists)

    @cached_property
    def idempotency(self) -> "IdempotencyStore":
        """The idempotency records."""
        from chalicelib.store.idempotency import IdempotencyKeyRow, IdempotencyStore

        return IdempotencyStore(self.database.bind(IdempotencyKeyRow, self._names.idempotency_keys))

    @cached_property
    def counters(self) -> "CounterStore":
        """The counters."""
        from chalicelib.store.counters import CounterRow, CounterStore

        return CounterStore(self.database.bind(CounterRow, self._names.stats))

    @cached_property
    def events(self) -> "EventStore":
        """The event feed."""
        from chalicelib.store.events import EventRow, EventStore

        return EventStore(self.database.bind(EventRow, self._names.events), self.counters)

    @cached_property
    def orders(self) -> "OrderStore":
        """The orders."""
        from chalicelib.store.orders import OrderStore

        return OrderStore(self._order_table, self.idempotency, self._lists)

    @cached_property
    def payments(self) -> "PaymentStore":
        """The payments."""
        from chalicelib.store.payments import PaymentStore

        return PaymentStore(self._payment_table, self._order_table, self.idempotency, self._lists)

    @cached_property
    def captures(self) -> "CaptureStore":
        """The captures and voids of payments."""
        from chalicelib.store.captures import CaptureStore

        return CaptureStore(self._payment_table)

    @cached_property
    def refunds(self) -> "RefundStore":
        """The refunds."""
        from chalicelib.store.refunds import RefundRow, RefundStore

        table = self.database.bind(RefundRow, self._names.refunds)
        return RefundStore(table, self._payment_table, self.idempotency, self._lists)

    @cached_property
    def api_requests(self) -> "ApiRequestStore":
        """The log of API requests."""
        from chalicelib.store.api_requests import ApiRequestRow, ApiRequestStore

        name = self._names.api_requests
        table = self.database.bind(ApiRequestRow, name)
        return ApiRequestStore(table, self.database.quick().bind(ApiRequestRow, name), self._lists)

    @cached_property
    def sessions(self) -> "SessionStore":
        """The sessions and the sign-in attempts."""
        from chalicelib.store.sessions import SessionRow, SessionStore

        return SessionStore(self.database.bind(SessionRow, self._names.sessions))

    @cached_property
    def charges(self) -> "SimulatedChargeStore":
        """The charges of the simulated acquirer."""
        from chalicelib.store.simulated_charges import SimulatedChargeRow, SimulatedChargeStore

        table = self.database.bind(SimulatedChargeRow, self._names.simulated_charges)
        return SimulatedChargeStore(table)

    @cached_property
    def declines(self) -> "PlannedDeclineStore":
        """The declines that merchants planned at the simulated acquirer."""
        from chalicelib.store.planned_declines import PlannedDeclinesRow, PlannedDeclineStore

        table = self.database.bind(PlannedDeclinesRow, self._names.simulated_charges)
        return PlannedDeclineStore(table)

    @property
    def _names(self) -> TableNames:
        return self.settings.tables

    @cached_property
    def _lists(self) -> "Lists":
        from chalicelib.store.lists import Lists

        return Lists(self.settings.list_shards)

    @cached_property
    def _merchant_table(self) -> "type[MerchantRow]":
        from chalicelib.store.merchants import MerchantRow

        return self.database.bind(MerchantRow, self._names.merchants)

    @cached_property
    def _order_table(self) -> "type[OrderRow]":
        from chalicelib.store.orders import OrderRow

        return self.database.bind(OrderRow, self._names.orders)

    @cached_property
    def _payment_table(self) -> "type[PaymentRow]":
        from chalicelib.store.payments import PaymentRow

        return self.database.bind(PaymentRow, self._names.payments)
