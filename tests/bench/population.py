"""A gateway with many payments in a DynamoDB engine, written in batches by the mappings of the stores."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest.mock import patch

from chalice.test import Client
from pynamodb.exceptions import PutError, TableError
from pynamodb.models import Model

import app
from chalicelib.bootstrap import Gateway, build, production_externals
from chalicelib.domain.counters import EVENTS, count_payment
from chalicelib.domain.event import EVENT_OF_PAYMENT, EventName, PaymentEvent
from chalicelib.domain.merchant import Merchant, hash_api_secret
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.refund import RefundStatus
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.domain.webhook_log import WebhookStatus, log_for
from chalicelib.settings import load_settings
from chalicelib.store.counters import Position
from chalicelib.store.events import NewEvent
from chalicelib.store.tables import TABLES
from infra.aws import Aws
from tests.api.client import Api
from tests.domain import examples
from tests.rounds import rounds

MERCHANTS = 10
OF_LARGE_MERCHANT = 0.8  # of the payments; the other merchants share the rest
ONE_FAILED_OF = 10
ONE_REFUNDED_OF = 10
REFUNDED = 10_000
PERIOD = timedelta(days=30)  # over which the payments are spread
AGE = timedelta(hours=1)  # of the newest payment, so that no row is in progress
BATCH = 500  # payments whose rows are in memory

_SECRET = "the-secret"
_QUEUES = ("PAYMENTS", "REFUNDS", "WEBHOOKS", "SLOW_WEBHOOKS")
_READERS = ("RELAY", "RECORDER")


@dataclass(frozen=True, kw_only=True)
class Population:
    """A gateway with ``size`` payments, each with its order, its event and its webhook log."""

    size: int
    aws: Aws
    gateway: Gateway

    @property
    def large_merchant(self) -> str:
        """The id of the merchant that has most of the payments."""
        return _merchant_id(0)

    @contextmanager
    def api(self) -> Iterator[Api]:
        """The API in this process, with the credentials of the large merchant."""
        credentials = {"X-Api-Key": f"key_{self.large_merchant}", "X-Api-Secret": _SECRET}
        with patch("chalicelib.api.routing.gateway", lambda: self.gateway):
            yield Api(Client(app.app).http, self.large_merchant, credentials)


def populate(aws: Aws, size: int, *, now: datetime) -> Population:
    """Create the tables, the merchants and the rows of ``size`` payments."""
    settings = load_settings(_environment(f"growth-{size}-"))
    database = aws.database()
    for row in TABLES:
        table = database.bind(row, getattr(settings.tables, row.Meta.table_name))
        _create(table)
    gateway = build(settings, production_externals(settings, database), database)
    large = round(size * OF_LARGE_MERCHANT)
    small, rest = divmod(size - large, MERCHANTS - 1)
    for number, count in enumerate([large, *[small] * (MERCHANTS - 2), small + rest]):
        assert gateway.merchants.merchants.create(_merchant(_merchant_id(number), now))
        _add_payments(gateway, _merchant_id(number), count, end=now - AGE)
    return Population(size=size, aws=aws, gateway=gateway)


def _add_payments(gateway: Gateway, merchant_id: str, count: int, *, end: datetime) -> None:
    """Write the rows of a merchant's payments, oldest first, with the feed of events and the counters."""
    position, sums = Position(count=0, key=""), Counter[str]()
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        payments = [_payment(merchant_id, n, end - PERIOD * (count - n) / count) for n in numbers]
        events = [NewEvent(event=PaymentEvent.of(_outcome(each), each, sequence=3)) for each in payments]
        feed = gateway.events.events._rows(merchant_id, events, position, payments[-1].created_at)
        position = Position(count=position.count + len(feed), key=feed[-1].feed_key)
        _write([*feed, *(row for payment in payments for row in _rows(gateway, payment))])
        for payment in payments:
            sums.update({key.name: value for key, value in count_payment(payment).items()})
    counter = gateway.stats.counters._table
    newest = counter(merchant_id, EVENTS.name, value=position.count, newest=position.key)
    _write([newest, *(counter(merchant_id, name, value=value) for name, value in sums.items())])


def _create(table: type[Model]) -> None:
    """Create the table. A repeated request, whose first response was late, is refused: the table exists."""
    with suppress(TableError):
        table.create_table(wait=True, billing_mode="PAY_PER_REQUEST")
    assert table.exists()


def _rows(gateway: Gateway, payment: Payment) -> Iterator[Model]:
    """The rows of a settled payment. ``amount_refundable`` shows whether it has a refund."""
    stores, created_at = gateway.stores, payment.created_at
    yield stores.orders._row(
        examples.order(
            id=payment.order_id,
            merchant_id=payment.merchant_id,
            created_at=created_at,
            updated_at=created_at,
            attempts=1,
        )
    )
    paid = stores.payments._row(payment)
    paid.settled_at = payment.settled_at
    yield paid
    if payment.amount_refunded:
        yield stores.refunds._row(
            examples.refund(
                id=f"rfnd_{payment.id}",
                payment_id=payment.id,
                merchant_id=payment.merchant_id,
                amount=REFUNDED,
                status=RefundStatus.PROCESSED,
                created_at=created_at,
            )
        )
    log = log_for(PaymentEvent.of(_outcome(payment), payment, sequence=3), examples.webhook_endpoint())
    row = stores.webhook_logs._row(log)
    row.status, row.attempts, row.next_retry_at, row.response_code = WebhookStatus.SUCCESS, 1, None, 200
    yield row


def _write(rows: list[Model]) -> None:
    """Write rows of several tables in batches. The database of a busy machine may respond late: try again."""
    for table in {type(row) for row in rows}:
        for _ in rounds("the rows are written", at_most=10):
            with suppress(PutError):
                _write_to(table, [row for row in rows if type(row) is table])
                break


def _write_to(table: type[Model], rows: list[Model]) -> None:
    with table.batch_write() as batch:
        for row in rows:
            batch.save(row)


def _payment(merchant_id: str, number: int, created_at: datetime) -> Payment:
    failed = number % ONE_FAILED_OF == 0
    refunded = REFUNDED if number % ONE_REFUNDED_OF == 1 else 0
    amount = examples.payment().money.amount
    return examples.payment(
        id=f"pay_{merchant_id}_{number:07}",
        order_id=f"order_{merchant_id}_{number:07}",
        merchant_id=merchant_id,
        status=PaymentStatus.FAILED if failed else PaymentStatus.SUCCESS,
        amount_refundable=amount - refunded,
        process_at=created_at,
        settled_at=created_at,
        created_at=created_at,
        updated_at=created_at,
        sequence=3,
    )


def _outcome(payment: Payment) -> EventName:
    return EVENT_OF_PAYMENT[payment.status]


def _merchant_id(number: int) -> str:
    return f"550e8400-e29b-41d4-a716-44665544{number:04}"


def _merchant(id_: str, now: datetime) -> Merchant:
    return Merchant(
        id=id_,
        name="Shop",
        email=f"{id_}@example.com",
        api_key=f"key_{id_}",
        api_secret_hash=hash_api_secret(_SECRET),
        webhook=WebhookEndpoint(url=None, secret="whsec_1"),
        created_at=now - PERIOD,
    )


def _environment(prefix: str) -> dict[str, str]:
    queues = {f"{name}_QUEUE_URL": "http://localhost/queue" for name in _QUEUES}
    dead = {f"{name}_DEAD_LETTERS_QUEUE_URL": "http://localhost/dead" for name in (*_QUEUES, *_READERS)}
    return {"STAGE": "test", "TABLE_PREFIX": prefix, "RATE_LIMIT_PER_S": "10000", **queues, **dead}
