"""A merchant's view of the gateway, over HTTP, and the letter of its errors."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from infra.local.receiver import Receiver
from tests.rounds import MAX_PAGES, rounds

TIMEOUT_S = 60.0  # the first request to a function waits for its process, on a busy machine for long
PATIENCE_S = 90.0  # for what must happen; a test that passes does not wait so long
POLL_INTERVAL_S = 0.1

UNREACHABLE_URL = "http://localhost:9/webhook"  # the discard port: nothing listens there
UPI = {"method": "upi", "vpa": "buyer@upi"}
Json = dict[str, Any]


def card(**changes: Any) -> Json:
    """The card part of a payment that is accepted, with `changes` to the card."""
    good = {
        "number": "4111 1111 1111 1111",
        "expiry_month": 12,
        "expiry_year": time.gmtime().tm_year + 3,
        "cvv": "737",
        "holder_name": "Asha Rao",
    }
    return {"method": "card", "card": {**good, **changes}}


def eventually(probe: Callable[[], Any], *, within_s: float = PATIENCE_S) -> Any:
    """The first truthy answer of `probe`, which is asked until the deadline."""
    deadline = time.monotonic() + within_s
    while not (answer := probe()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s; the last answer was {answer!r}"
        time.sleep(POLL_INTERVAL_S)
    return answer


def assert_error(
    response: requests.Response,
    status: int,
    code: str,
    description: str | None = None,
    field: str | None = None,
) -> Json:
    """The contract's error body to the letter; returns the error."""
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
    """Requests of one merchant; without credentials, those of anybody."""

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

    def put(self, path: str, body: object = None, **options: Any) -> requests.Response:
        return self.request("PUT", f"/api/v1{path}", json=body, **options)

    @property
    def anonymous(self) -> "Api":
        """The same gateway without credentials."""
        return Api(self.url)

    def bearing(self, token: str) -> "Api":
        """The same merchant with the token of a session for credentials."""
        return replace(self, credentials={"Authorization": f"Bearer {token}"})

    def order(self, **changes: Any) -> Json:
        """A new order."""
        response = self.post("/orders", {"amount": 50_000, **changes})
        assert response.status_code == 201, response.text
        order: Json = response.json()
        return order

    def payment(self, **changes: Any) -> Json:
        """A new payment of a new order."""
        response = self.post("/payments", {"order_id": self.order()["id"], **UPI, **changes})
        assert response.status_code == 201, response.text
        payment: Json = response.json()
        return payment

    def settled(self, payment_id: str) -> Json:
        """The payment once it is no longer pending."""

        def probe() -> Json | None:
            payment: Json = self.get(f"/payments/{payment_id}").json()
            return payment if payment["status"] != "pending" else None

        settled: Json = eventually(probe)
        return settled

    def paid(self, **changes: Any) -> Json:
        """A new payment that succeeded."""
        payment = self.settled(self.payment(**changes)["id"])
        assert payment["status"] == "success"
        return payment

    def paid_together(self, count: int) -> list[Json]:
        """New payments that succeeded, having waited for the acquirer at the same time."""
        payments = [self.payment() for _ in range(count)]
        return [self.settled(payment["id"]) for payment in payments]

    def refund(self, payment_id: str, amount: int, **changes: Any) -> Json:
        """A new refund."""
        response = self.post(f"/payments/{payment_id}/refunds", {"amount": amount, **changes})
        assert response.status_code == 201, response.text
        refund: Json = response.json()
        return refund

    def refunded(self, refund_id: str) -> Json:
        """The refund once it is no longer pending."""

        def probe() -> Json | None:
            refund: Json = self.get(f"/refunds/{refund_id}").json()
            return refund if refund["status"] != "pending" else None

        refunded: Json = eventually(probe)
        return refunded

    def pages(self, path: str, query: str = "") -> list[Json]:
        """Every line of a list, page by page along the cursors."""
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
        """Save the webhook URL."""
        response = self.put("/webhooks/config", {"webhook_url": url})
        assert response.status_code == 200, response.text

    def logs(self) -> list[Json]:
        """The newest webhook logs."""
        response = self.get("/webhooks?limit=100")
        assert response.status_code == 200, response.text
        logs: list[Json] = response.json()["data"]
        return logs

    def log_of(self, event: str, where: Callable[[Json], bool] = lambda _log: True) -> Json:
        """The merchant's log of `event`, once there is one that `where` accepts."""
        log: Json = eventually(
            lambda: next((log for log in self.logs() if log["event"] == event and where(log)), None)
        )
        return log

    def receiver(self) -> Receiver:
        """A receiver that verifies with this merchant's secret; not yet started."""
        return Receiver(secret=self.get("/webhooks/config").json()["webhook_secret"])
