"""When AWS throttles any request of any route, the API returns 429 and `Retry-After`."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from chalice.test import HTTPResponse

import app
from chalicelib.api.route import Route
from chalicelib.services import merchant_clocks
from chalicelib.store import write
from chalicelib.store.throttling import is_throttled
from tests.api.client import PASSWORD, UPI, Api, Json, assert_error, made, shown
from tests.charges import open_charge
from tests.cloud import NOTIFICATION_SECRET, Cloud
from tests.sleeping import replace_sleep

REFUSALS: dict[str, Json] = {
    "ThrottlingException": {},
    "ProvisionedThroughputExceededException": {},
    "RequestLimitExceeded": {},
    "RequestThrottled": {},
    "TransactionCanceledException": {
        "CancellationReasons": [{"Code": "None"}, {"Code": "ThrottlingError"}],
    },
}
WAITS_FOR_WORKERS = {"POST /api/v1/test/clock"}  # and asks until they are done
MAX_REQUESTS = 20  # more than any route sends
ASKS_NOTHING = {"GET /api/v1/openapi.json"}
FORMS = {"POST /api/v1/test/bank/{charge_id}": b"decision=decline"}
REPORTS_FAILURES = {"GET /health"}  # reports a failing dependency in its body


class Throttle:
    """Throttles every AWS request starting with number ``first``; None disables throttling."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.first: int | None = None
        self.code = "ThrottlingException"
        self.count = 0
        send = BaseClient._make_api_call

        def refuse(client: BaseClient, operation: str, parameters: object) -> object:
            self.count += 1
            if self.first is None or self.count <= self.first:
                return send(client, operation, parameters)
            answer: Any = {"Error": {"Code": self.code, "Message": "Slow down"}, **REFUSALS[self.code]}
            raise ClientError(answer, operation)

        monkeypatch.setattr(BaseClient, "_make_api_call", refuse)
        for module in (write, merchant_clocks):
            replace_sleep(monkeypatch, module, lambda seconds: None)

    def after(self, first: int | None, code: str = "ThrottlingException") -> None:
        """Throttle all requests after the next ``first`` ones."""
        self.first, self.code, self.count = first, code, 0


@pytest.fixture
def throttle(monkeypatch: pytest.MonkeyPatch) -> Throttle:
    return Throttle(monkeypatch)


@dataclass(frozen=True)
class Shop:
    """A merchant, and the values of the path parameters."""

    merchant: Api
    ids: dict[str, str]


@pytest.fixture(scope="module")
def shops() -> list[Shop]:
    return []


@pytest.fixture
def shop(cloud: Cloud, merchant: Api, shops: list[Shop], password_hash: str) -> Shop:
    """A merchant with an order, a successful payment, a refund and a webhook log; created once."""
    if not shops:
        settings = cloud.gateway.settings
        in_test_mode = replace(settings.acquirer, test_mode=True)  # some routes need it
        cloud.gateway.settings = replace(settings, acquirer=in_test_mode)
        shown(merchant.put("/webhooks/config", {"webhook_url": "https://merchant.example/"}))
        endpoint = made(merchant.post("/webhooks/endpoints", {"url": "https://other.example/"}))
        payment, reserved = merchant.payment(), merchant.payment(capture="manual")
        cloud.run(for_s=10)
        refund = merchant.refund(payment["id"], 100)
        (log, *_) = shown(merchant.get("/webhooks"))["data"]
        (event, *_) = shown(merchant.get("/events"))["data"]
        charge = open_charge(cloud.gateway, payment_id=merchant.payment()["id"])
        ids = {
            "payment_id": payment["id"],
            "charge_id": charge.id,
            "reserved_payment_id": reserved["id"],
            "refund_id": refund["id"],
            "log_id": log["id"],
            "event_id": event["id"],
            "endpoint_id": endpoint["id"],
            "request_id": str(uuid4()),
            "name": "recording",
            "merchant_id": merchant.merchant_id,
        }
        shops.append(Shop(merchant, {"order_id": payment["order_id"], **ids}))
    merchants = cloud.gateway.merchants.merchants
    merchants.set_password(shops[0].merchant.merchant_id, password_hash, epoch="")  # a test changes it
    if _is_endpoint_deleted(shops[0]):
        endpoint = made(shops[0].merchant.post("/webhooks/endpoints", {"url": "https://other.example/"}))
        shops[0].ids["endpoint_id"] = endpoint["id"]
    return shops[0]


QUERIES = {"DELETE /api/v1/merchants/me/api-secret/previous": "?fingerprint=0123abcd"}
NOT_LOGGED = "GET /api/v1/requests/{request_id}"  # not found: the log of requests is off
QR_CODE = "GET /api/v1/payments/{payment_id}/qr.svg"  # not found: the payment waits for no buyer


def _is_endpoint_deleted(shop: Shop) -> bool:
    """Whether a test has deleted the endpoint."""
    return shop.merchant.get(f"/webhooks/endpoints/{shop.ids['endpoint_id']}").status_code == 404


def bodies(shop: Shop) -> dict[str, Json]:
    """Valid bodies. The other routes get an empty body."""
    payment = {"order_id": shop.merchant.order()["id"], **UPI}
    passwords = {"current_password": PASSWORD, "new_password": f"{PASSWORD}, again"}
    return {
        "POST /api/v1/orders": {"amount": 500},
        "POST /api/v1/payments": payment,
        "POST /api/v1/payments/public": payment,
        "POST /api/v1/acquirers/{name}/notifications/{merchant_id}": {"secret": NOTIFICATION_SECRET},
        "POST /api/v1/payments/{payment_id}/refunds": {"amount": 100},
        "POST /api/v1/sessions": {"email": shop.merchant.email, "password": PASSWORD},
        "PUT /api/v1/merchants/me/password": passwords,
        "POST /api/v1/merchants/me/api-secret": {},
        "PUT /api/v1/merchants/me/return-origins": {"origins": ["https://shop.example"]},
        "PUT /api/v1/merchants/me/time-zone": {"time_zone": "Asia/Kolkata"},
        "PUT /api/v1/webhooks/config": {"webhook_url": "https://merchant.example/new"},
        "POST /api/v1/webhooks/endpoints": {"url": "https://other.example/"},
        "PATCH /api/v1/webhooks/endpoints/{endpoint_id}": {"description": "New"},
        "POST /api/v1/webhooks/endpoints/{endpoint_id}/lab": {"check": "valid"},
        "POST /api/v1/webhooks/endpoints/{endpoint_id}/replay": {"since": "2026-03-01T00:00:00Z"},
    }


def send(shop: Shop, caller: Api, endpoint: Route, body: Json, *, key: str | None = None) -> HTTPResponse:
    is_form = endpoint.name in FORMS
    content_type = "application/x-www-form-urlencoded" if is_form else "application/json"
    headers = {"Content-Type": content_type, **caller.credentials}
    if key:
        headers["Idempotency-Key"] = key
    raw = json.dumps(body).encode() if endpoint.method in {"POST", "PUT", "PATCH"} else b""
    raw = FORMS.get(endpoint.name, raw)
    payment_id = shop.ids["reserved_payment_id" if endpoint.path.endswith("/void") else "payment_id"]
    path = endpoint.path.format(**shop.ids | {"payment_id": payment_id})
    return caller.http.request(
        endpoint.method, f"{path}{QUERIES.get(endpoint.name, '')}", headers=headers, body=raw
    )


def signed_in(shop: Shop) -> Api:
    merchant = shop.merchant
    token = made(merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD}))
    return merchant.bearing(token["token"])


def throttled_at_each_step(
    cloud: Cloud, throttle: Throttle, ask: Callable[[], HTTPResponse]
) -> tuple[int, HTTPResponse]:
    """Throttle after 0, 1, 2 … requests until ``ask`` succeeds; returns that number and the response."""
    for let_through in range(MAX_REQUESTS):
        cloud.gateway.merchants._cache.clear()  # so that authentication sends a request too
        throttle.after(let_through)
        response = ask()
        throttle.after(None)
        if response.status_code != 429:
            return let_through, response
        assert_is_busy(response)
    raise AssertionError(f"more than {MAX_REQUESTS} requests")


@pytest.mark.parametrize(
    ("endpoint", "key"),
    [(each, None) for each in app.router.routes if each.name not in WAITS_FOR_WORKERS]
    + [(each, "k") for each in app.router.routes if each.idempotent],
    ids=lambda value: value.name if isinstance(value, Route) else value,
)
def test_every_route_returns_429_when_any_of_its_requests_is_throttled(
    cloud: Cloud, shop: Shop, throttle: Throttle, endpoint: Route, key: str | None
):
    caller = signed_in(shop) if endpoint.session_only else shop.merchant
    body = bodies(shop).get(endpoint.name, {})
    times, response = throttled_at_each_step(
        cloud, throttle, lambda: send(shop, caller, endpoint, body, key=key)
    )
    assert response.status_code < 400 or endpoint.name in {QR_CODE, NOT_LOGGED}, response.body
    assert times or endpoint.name in ASKS_NOTHING | REPORTS_FAILURES


@pytest.mark.usefixtures("no_test_clocks")
def test_a_throttled_session_read_returns_429(cloud: Cloud, shop: Shop, throttle: Throttle):
    session = signed_in(shop)
    times, response = throttled_at_each_step(cloud, throttle, lambda: session.get("/orders"))
    assert (times, response.status_code) == (4, 200)  # the session, the merchant, the rows and the total


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("route", ["GET /api/v1/orders", "POST /api/v1/orders"])
def test_every_aws_error_code_for_throttling_is_recognized(
    shop: Shop, throttle: Throttle, route: str, code: str
):
    (endpoint,) = [each for each in app.router.routes if each.name == route]
    body = bodies(shop).get(endpoint.name, {})
    assert send(shop, shop.merchant, endpoint, body).status_code < 300
    throttle.after(0, code)
    assert_is_busy(send(shop, shop.merchant, endpoint, body, key="other" if endpoint.idempotent else None))


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "InternalServerError"])
def test_other_aws_errors_are_not_throttling(code: str):
    assert not is_throttled(ClientError({"Error": {"Code": code, "Message": ""}}, "GetItem"))
    assert not is_throttled(RuntimeError("ThrottlingException"))


def assert_is_busy(response: HTTPResponse) -> None:
    assert_error(response, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
    assert response.headers["Retry-After"] == "1"
