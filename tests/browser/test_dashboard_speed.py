"""The load time of the first view for a merchant with many payments, on a separate stack."""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from chalicelib.domain.clock import utc_now
from chalicelib.domain.decline import Decline
from chalicelib.domain.instrument import Instrument, PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.store.idempotency import IdempotencyKeyRow, IdempotencyStore
from chalicelib.store.lists import Lists
from chalicelib.store.orders import OrderRow
from chalicelib.store.payments import PaymentRow, PaymentStore
from infra.aws import Aws
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from tests.browser.dashboard import Dashboard
from tests.e2e.api import Api, eventually
from tests.stack import ENVIRONMENT, merchants_of

# PAYMENTS=10000 takes a minute more: every payment passes through the relay and the recorder.
PAYMENTS = int(os.environ.get("PAYMENTS", "1000"))
DAYS = 30
BUDGET_MS = 1_000
# The test uses the fastest of several loads, because the first ones start the API's processes. It scales each
# load time by the available share of CPU time, so that a busy machine does not count against the page.
# It loads the page again until one load is fast enough.
MIN_LOADS, MAX_LOADS = 3, 20
PROBE_CPU_S = 0.1
# From the navigation until the totals, both charts with data, and the payments are painted.
SHOWN_AFTER_MS = """() => new Promise((resolve) => {
  const wanted = ["[data-test-id=total-transactions]", ".card:nth-child(2) .plot canvas", ".latest li"];
  const look = () => {
    const isShown = wanted.every((selector) => document.querySelector(selector));
    requestAnimationFrame(isShown ? () => resolve(Math.round(performance.now())) : look);
  };
  look();
})"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGateway]:
    state_dir = tmp_path_factory.mktemp("quiet")
    with LocalGateway(
        stage="test", ports=Ports.free(), environment=ENVIRONMENT, state_dir=state_dir, persist=False
    ) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def merchant(gateway) -> Api:
    """A merchant whose payments were written directly to the table and counted by the relay."""
    merchant: Api = merchants_of(gateway)()
    database, tables = Aws(gateway.aws_endpoint_url).database(), gateway.stack_outputs
    once = IdempotencyStore(database.bind(IdempotencyKeyRow, tables["IdempotencyKeysTable"]))
    rows = database.bind(PaymentRow, tables["PaymentsTable"])
    orders = database.bind(OrderRow, tables["OrdersTable"])
    store = PaymentStore(rows, orders, once, Lists(shards=1))
    now = utc_now()
    with rows.batch_write() as batch:
        for number in range(PAYMENTS):
            batch.save(store._row(settled_payment(number, merchant.merchant_id, now)))
    eventually(lambda: merchant.get("/stats").json()["totals"]["count"] == PAYMENTS, within_s=120)
    return merchant


def settled_payment(number: int, merchant_id: str, now: datetime) -> Payment:
    """A payment; they are spread over the days up to `now`, and every twelfth has failed."""
    at = now - number * timedelta(days=DAYS) / PAYMENTS
    has_failed = number % 12 == 0
    return Payment(
        id=f"pay_{number:016d}",
        merchant_id=merchant_id,
        order_id=f"order_{number:016d}",
        money=Money(50_000, "INR"),
        instrument=Instrument(method=PaymentMethod.UPI, token="buyer@upi", vpa="buyer@upi"),
        status=PaymentStatus.FAILED if has_failed else PaymentStatus.SUCCESS,
        process_at=at,
        created_at=at,
        updated_at=at,
        settled_at=at,
        sequence=3,
        amount_refundable=50_000,
        decline=Decline(description="Declined") if has_failed else None,
    )


@pytest.mark.sensitive("measures real time")
def test_the_first_view_of_many_payments_loads_within_one_second(gateway, browser, merchant):
    took_ms: list[int] = []
    scaled_ms: list[int] = []
    while len(took_ms) < MIN_LOADS or (min(scaled_ms) >= BUDGET_MS and len(took_ms) < MAX_LOADS):
        share = cpu_share()
        took_ms.append(first_view(browser, gateway.dashboard_url, merchant))
        scaled_ms.append(round(took_ms[-1] * (share + cpu_share()) / 2))
    figures = f"from navigation to shown: {took_ms} ms, scaled to an idle machine: {scaled_ms} ms"
    print(f"the first view of {PAYMENTS} payments, {figures}")  # noqa: T201 - shows the measurement
    assert min(scaled_ms) < BUDGET_MS, figures


def cpu_share() -> float:
    """The share of a CPU that a busy process gets now: 1 on an idle machine."""
    started_s, cpu_s = time.perf_counter(), time.process_time()
    while time.process_time() - cpu_s < PROBE_CPU_S:
        pass
    return PROBE_CPU_S / max(PROBE_CPU_S, time.perf_counter() - started_s)


def first_view(browser: Browser, url: str, merchant: Api) -> int:
    """The milliseconds until the first view is shown, in a browser context without a cache."""
    with browser.new_context(locale="en-IN") as context:
        dashboard = Dashboard(context.new_page(), url, merchant)
        dashboard.keep_session()
        dashboard.page.goto(f"{url}/dashboard", wait_until="commit")
        took_ms: int = dashboard.page.evaluate(SHOWN_AFTER_MS)
        expect(dashboard.part("total-transactions")).to_have_text(f"{PAYMENTS:,}")
        expect(dashboard.page.locator(".latest code").first).to_have_text("pay_0000000000000000")
    return took_ms
