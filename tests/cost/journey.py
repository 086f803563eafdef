"""One order, its UPI payment with automatic capture, three webhooks, and one poll, on moto.

The merchant has one endpoint, which accepts each webhook at the first attempt. The functions are warm, and
the merchant has payments of the same day. Nothing shares a batch with another payment.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest.mock import patch

from chalice.test import Client

import app
from chalicelib.bootstrap import Gateway
from chalicelib.observability import logger
from chalicelib.services.onboarding import TEST_API_KEY, TEST_API_SECRET, TEST_MERCHANT_ID
from chalicelib.webhooks.http import HttpResponse
from chalicelib.workers.acquirer_jobs import process_payments
from chalicelib.workers.streams import record_events, relay_changes
from chalicelib.workers.webhook_jobs import deliver_webhooks
from tests.api.client import UPI, Api, Json, made, shown
from tests.cloud import CREDENTIALS, Cloud, Handler, cloud, with_request_ids, without_test_clocks
from tests.cost.meter import Meter
from tests.moto_lock import one_request_at_a_time
from tests.store.stores import NOW

URL = "https://shop.example/webhooks/payments"
ORDER: Json = {"amount": 50_000, "currency": "INR", "receipt": "receipt_10042", "notes": {"cart": "10042"}}
CREATE_ORDER, CREATE_PAYMENT, POLL = "create order", "create payment", "get payment"
SETTLE, RELAY, RECORD = "settle payment", "relay: payments", "recorder"
RELAY_LOGS, DELIVER = "relay: webhook logs", "deliver webhooks"
STEPS = (CREATE_ORDER, CREATE_PAYMENT, RELAY, RECORD, RELAY_LOGS, SETTLE, DELIVER, POLL)
"""The steps of the journey. Each is the work of one function."""

INTERNET_BYTES = 8_000  # about 900 of each webhook and 1,000 of each response, with headers and TLS records
WEBHOOKS = 3  # payment.created, payment.pending, payment.success
ACCEPTED = HttpResponse(
    code=200,
    headers={
        "Date": "Sat, 14 Mar 2026 15:09:26 GMT",
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": "15",
        "Connection": "keep-alive",
        "Server": "nginx",
        "ETag": 'W/"f-VaSQ4oDUiZblZNAEkkN+sX+q3Sg"',
    },
    body=b'{"status":"ok"}',
    truncated=False,
)


@dataclass
class Journey:
    """Runs the steps. ``around`` is called with the name of a step and a function that runs it."""

    cloud: Cloud
    merchant: Api
    around: Callable[[str, Callable[[], Any]], Any]

    def run(self) -> None:
        """One journey."""
        order = self.around(CREATE_ORDER, lambda: made(self.merchant.post("/orders", ORDER)))
        body = {"order_id": order["id"], **UPI}
        payment = self.around(CREATE_PAYMENT, lambda: made(self.merchant.post("/payments", body)))
        while self._relay() or self._work():
            pass
        path = f"/payments/{payment['id']}"
        polled = self.around(POLL, lambda: shown(self.merchant.get(path)))
        assert polled["status"] == "success", polled
        assert len(self.cloud.sender.delivered) == WEBHOOKS, self.cloud.sender.delivered
        self.cloud.sender.delivered.clear()

    def _relay(self) -> bool:
        """Pass the new stream records to their readers. False if there were none."""
        payments, logs = self.cloud.payment_changes(), self.cloud.log_changes()
        for step, handler, records in (
            (RELAY, relay_changes, payments),
            (RECORD, record_events, payments),
            (RELAY_LOGS, relay_changes, logs),
        ):
            if records:
                done = self.around(step, partial(handler, self.cloud.gateway, records))
                assert done == {"batchItemFailures": []}
        return bool(payments or logs)

    def _work(self) -> bool:
        """Pass the jobs that are due to their workers, or wait for the next one. False if there is none."""
        queues = self.cloud.gateway.settings.queues
        settled = self._pass_jobs(queues.payments.jobs, SETTLE, process_payments)
        delivered = self._pass_jobs(queues.webhooks.jobs, DELIVER, deliver_webhooks)
        return settled or delivered or self.cloud.wait_for_a_job()

    def _pass_jobs(self, queue_url: str, step: str, handler: Handler) -> bool:
        def invoke(gateway: Gateway, messages: list[dict[str, Any]]) -> Mapping[str, Any]:
            done: Mapping[str, Any] = self.around(step, lambda: handler(gateway, messages))
            return done

        return self.cloud.work_on(queue_url, invoke)


@contextmanager
def prepared(*, log_days: int = 0) -> Iterator[tuple[Cloud, Api]]:
    """A gateway in production, and a merchant with a webhook URL and a payment of the same day.

    ``log_days``: those of the log of API requests, which is off by default.
    """
    silent = patch.object(logger.registered_handler, "stream", io.StringIO())
    as_in_production = without_test_clocks()
    environment = patch.dict("os.environ", CREDENTIALS)
    with (
        silent,
        as_in_production,
        one_request_at_a_time(),
        environment,
        with_request_ids(),
        cloud(REQUEST_LOG_DAYS=str(log_days)) as staging,
    ):
        staging.time.move_to(NOW)
        gateway = staging.gateway
        gateway.jobs = replace(gateway.jobs, is_production=True)
        gateway.onboarding.seed_test_merchant()
        gateway.webhook_endpoints.set_url(TEST_MERCHANT_ID, URL)
        staging.sender.responds = ACCEPTED
        with patch("chalicelib.api.routing.gateway", lambda: gateway):
            credentials = {"X-Api-Key": TEST_API_KEY, "X-Api-Secret": TEST_API_SECRET}
            merchant = Api(Client(app.app).http, TEST_MERCHANT_ID, credentials)
            Journey(staging, merchant, lambda _step, run: run()).run()
            yield staging, merchant


def metered(*, log_days: int = 0) -> Meter:
    """The requests of one journey."""
    meter = Meter()

    def counted(step: str, run: Callable[[], Any]) -> Any:
        meter.step = step
        done = run()
        meter.step = ""
        return done

    with meter.on(), prepared(log_days=log_days) as (test, merchant):
        Journey(test, merchant, counted).run()
    return meter
