"""An HTTP client of the gateway, and assertions on its errors."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from infra.local.receiver import Receiver
from tests.rounds import MAX_PAGES, rounds

MAX_ADVANCES = 20  # requests that move a clock; each works for 15 s
TIMEOUT_S = 60.0  # the first request to a function starts its process, which is slow on a busy machine
MAX_WAIT_S = 90.0  # the time-out of `eventually`; a passing test waits less
POLL_INTERVAL_S = 0.1

UNREACHABLE_URL = "http://localhost:9/webhook"  # the discard port, on which nothing listens
UPI = {"method": "upi", "vpa": "buyer@upi"}
Json = dict[str, Any]
UNLISTED = frozenset({"acquirer", "acquirer_reference", "authentication", "decline_code", "retry"})


def card(**changes: Any) -> Json:
    """The fields of a valid card payment, with `changes` to the card."""
    good = {
        "number": "4111 1111 1111 1111",
        "expiry_month": 12,
        "expiry_year": time.gmtime().tm_year + 3,
        "cvv": "737",
        "holder_name": "Asha Rao",
    }
    return {"method": "card", "card": {**good, **changes}}


def eventually(probe: Callable[[], Any], *, within_s: float = MAX_WAIT_S) -> Any:
    """Call `probe` until it returns a truthy value, and return that value."""
    deadline = time.monotonic() + within_s
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s; the last result was {answer!r}"
        time.sleep(POLL_INTERVAL_S)
    return answer


def assert_error(
    response: requests.Response,
    status: int,
    code: str,
    description: str | None = None,
    field: str | None = None,
) -> Json:
    """Assert that the response is exactly the contract's error, and return the error."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    body = response.json()
    assert list(body) == ["error"]
    error: Json = body["error"]
    allowed = {"code", "description", "field", "request_id"}
    assert set(error) <= (allowed | {"payment_id"} if code == "PAYMENT_IN_PROGRESS" else allowed)
    assert error["code"] == code
    assert error["request_id"]
    if description is not None:
        assert error["description"] == description
    if field is not None:
        assert error["field"] == field
    return error


@dataclass(frozen=True)
class Api:
    """A client with one merchant's credentials, or without credentials."""

    url: str
    merchant_id: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    email: str = ""
    timeout_s: float = TIMEOUT_S

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.credentials, **options.pop("headers", {})}
        return requests.request(
            method, self.url + path, headers=headers, timeout=self.timeout_s, allow_redirects=False, **options
        )

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", f"/api/v1{path}", **options)

    def post(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self.request("POST", f"/api/v1{path}", json=body, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.request("DELETE", f"/api/v1{path}", **options)

    def patch(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self.request("PATCH", f"/api/v1{path}", json=body, **options)

    def put(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self.request("PUT", f"/api/v1{path}", json=body, **options)

    @property
    def anonymous(self) -> "Api":
        """A client without credentials."""
        return Api(self.url)

    def bearing(self, token: str) -> "Api":
        """A client of the same merchant that authenticates with a session token."""
        return replace(self, credentials={"Authorization": f"Bearer {token}"})

    def order(self, **changes: Any) -> Json:
        """Create an order."""
        response = self.post("/orders", {"amount": 50_000, **changes})
        assert response.status_code == 201, response.text
        order: Json = response.json()
        return order

    def payment(self, **changes: Any) -> Json:
        """Create an order and a payment of it."""
        response = self.post("/payments", {"order_id": self.order()["id"], **UPI, **changes})
        assert response.status_code == 201, response.text
        payment: Json = response.json()
        return payment

    def settled(self, payment_id: str, *, within_s: float = MAX_WAIT_S) -> Json:
        """Wait until the payment is settled, and return it."""

        def probe() -> Json | None:
            payment: Json = self.get(f"/payments/{payment_id}").json()
            return payment if payment["status"] != "pending" else None

        settled: Json = eventually(probe, within_s=within_s)
        return settled

    def paid(self, **changes: Any) -> Json:
        """Create a payment and wait until it succeeds."""
        payment = self.settled(self.payment(**changes)["id"])
        assert payment["status"] == "success"
        return payment

    def paid_together(self, count: int) -> list[Json]:
        """Create successful payments that the acquirer processes concurrently."""
        payments = [self.payment() for _ in range(count)]
        return [self.settled(payment["id"]) for payment in payments]

    def refund(self, payment_id: str, amount: int, **changes: Any) -> Json:
        """Create a refund."""
        response = self.post(f"/payments/{payment_id}/refunds", {"amount": amount, **changes})
        assert response.status_code == 201, response.text
        refund: Json = response.json()
        return refund

    def refunded(self, refund_id: str) -> Json:
        """Wait until the refund is settled, and return it."""

        def probe() -> Json | None:
            refund: Json = self.get(f"/refunds/{refund_id}").json()
            return refund if refund["status"] != "pending" else None

        refunded: Json = eventually(probe)
        return refunded

    def pages(self, path: str, query: str = "") -> list[Json]:
        """All entries of a list, read with cursors."""
        lines: list[Json] = []
        cursor = ""
        for _ in rounds("the last page has no cursor", at_most=MAX_PAGES):
            response = self.get(f"{path}?{query}{cursor and '&cursor=' + cursor}")
            assert response.status_code == 200, response.text
            lines += response.json()["data"]
            cursor = response.json()["next_cursor"]
            if cursor is None:
                break
        return lines

    def send_webhooks_to(self, url: str | None) -> None:
        """Set the webhook URL."""
        response = self.put("/webhooks/config", {"webhook_url": url})
        assert response.status_code == 200, response.text

    def logs(self) -> list[Json]:
        """The newest webhook logs."""
        response = self.get("/webhooks?limit=100")
        assert response.status_code == 200, response.text
        logs: list[Json] = response.json()["data"]
        return logs

    def events(self, *, count: int = 1) -> list[Json]:
        """Wait for `count` events in the feed, and return the oldest hundred."""

        def read() -> list[Json]:
            response = self.get("/events?limit=100")
            assert response.status_code == 200, response.text
            events: list[Json] = response.json()["data"]
            return events if len(events) >= count else []

        events: list[Json] = eventually(read)
        return events

    def log_of(self, event: str, where: Callable[[Json], bool] = lambda _log: True) -> Json:
        """Wait for a webhook log of `event` that `where` accepts, and return it."""
        log: Json = eventually(
            lambda: next((log for log in self.logs() if log["event"] == event and where(log)), None)
        )
        return log

    def webhook_endpoint(self, url: str = "http://localhost:9/webhook", **fields: Any) -> Json:
        """Create a webhook endpoint. By default, nothing listens at its URL."""
        response = self.post("/webhooks/endpoints", {"url": url, **fields})
        assert response.status_code == 201, response.text
        created: Json = response.json()
        return created

    def advance(self, duration: str) -> Json:
        """Move the test clock ahead, and repeat the request until it is there. Returns the clock."""
        clock: Json = self.post("/test/clock", {"advance": duration}).json()
        for _ in rounds("the clock reaches its time", at_most=MAX_ADVANCES):
            if clock["status"] == "idle":
                return clock
            clock = self.post("/test/clock", {"to": clock["target"]}).json()
        raise AssertionError

    def receiver(self) -> Receiver:
        """A receiver, not yet started, that verifies signatures with the merchant's secret."""
        return Receiver(secret=self.get("/webhooks/config").json()["webhook_secret"])


def as_listed(found: Json) -> Json:
    """The fields of an object that lists contain."""
    return {name: value for name, value in found.items() if name not in UNLISTED}
