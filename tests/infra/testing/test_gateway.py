"""The helpers of the fixture, without a gateway."""

from typing import Any

import pytest
import requests

from infra.testing.connection import Connection
from infra.testing.errors import NotInTimeError, NotStartedError, RefusedError, StoppedError
from infra.testing.gateway import PaymentGateway
from infra.testing.process import GatewayProcess

CONNECTION = Connection(
    api_url="http://127.0.0.1:9",  # the discard port, on which nothing listens
    checkout_url="http://127.0.0.1:9/checkout",
    dashboard_url="http://127.0.0.1:9",
    merchant_id="m",
    api_key="key",
    api_secret="secret",
    webhook_secret="whsec_x",
    email="shop@example.com",
    password="p",
)


class Running(GatewayProcess):
    """A process that is always running."""

    def require_running(self) -> None:
        """Do nothing."""


class Recorded(PaymentGateway):
    """Responds to requests with ``responses``, in order, and records them."""

    def __init__(self, *responses: Any) -> None:
        super().__init__(Running(), CONNECTION)
        self.responses = list(responses)
        self.sent: list[tuple[str, str, Any]] = []

    def request(self, method: str, path: str, json: Any = None) -> Any:
        self.sent.append((method, path, json))
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


def test_the_clock_is_advanced_until_it_reaches_its_time():
    advancing, idle = {"status": "advancing", "target": "T"}, {"status": "idle", "target": None}
    gateway = Recorded(advancing, advancing, idle)
    assert gateway.advance(hours=2, minutes=36) == idle
    bodies = [{"advance": "0d9360s"}, {"to": "T"}, {"to": "T"}]
    assert gateway.sent == [("POST", "/test/clock", body) for body in bodies]


def test_the_clock_can_be_advanced_by_months():
    gateway = Recorded({"status": "idle", "target": None})
    gateway.advance(days=60, hours=25)
    assert gateway.sent == [("POST", "/test/clock", {"advance": "61d3600s"})]


def test_events_are_read_to_the_end_of_the_feed():
    pages = [{"data": [{"type": name}], "next_after": name} for name in ("a", "b")]
    gateway = Recorded(*pages, {"data": [], "next_after": "b"})
    assert gateway.events("payment.success", count=2) == [{"type": "a"}, {"type": "b"}]
    assert [path for _, path, _ in gateway.sent] == [
        "/events?limit=100&type=payment.success",
        "/events?limit=100&type=payment.success&after=a",
        "/events?limit=100&type=payment.success&after=b",
    ]


def test_waiting_ends_with_what_was_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("infra.testing.gateway.TIMEOUT_S", 0.1)
    gateway = Recorded({"data": [{"status": "failed", "response_code": 500, "payment_id": "pay_1"}]})
    with pytest.raises(NotInTimeError, match=r"the shop to accept the webhook payment\.success.*500"):
        gateway.delivered("payment.success", payment_id="pay_1")


def test_a_refused_request_has_the_error_of_the_api(monkeypatch: pytest.MonkeyPatch):
    gateway = PaymentGateway(Running(), CONNECTION)
    response = requests.Response()
    response.status_code, response._content = 400, b'{"error": {"code": "C", "description": "D"}}'
    monkeypatch.setattr(gateway._session, "request", lambda *_arguments, **_options: response)
    with pytest.raises(RefusedError, match=r"^GET /orders: 400 D$") as refused:
        gateway.request("GET", "/orders")
    assert (refused.value.status, refused.value.code) == (400, "C")


def test_after_the_stop_a_request_says_so():
    process = GatewayProcess()
    process.stop()  # no-op
    with pytest.raises(StoppedError, match="was stopped"):
        PaymentGateway(process, CONNECTION).pay()


def test_a_gateway_that_does_not_start_shows_its_log():
    with pytest.raises(NotStartedError, match="TEST_MODE must be true or false, not 'maybe'"):
        GatewayProcess({"TEST_MODE": "maybe"}).start()
