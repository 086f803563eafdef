"""One success and one failure of each route over HTTP. `tests.contract` tests the rest in process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

import app
from chalicelib.acquirers.simulated import NOTIFICATION_SECRET
from chalicelib.domain.signature import hex_signature
from infra.stage import Stage
from tests.e2e.api import UNREACHABLE_URL, UPI, Api, assert_error, eventually
from tests.e2e.contract import BASE
from tests.stack import PASSWORD

pytestmark = pytest.mark.contract("5")

NEW_PASSWORD = "a new password of the dashboard"
SECRET = "the notification secret"
NOTIFIED = b'{"payment_ids": ["pay_0000000000000000"]}'
NO_ORDER = {"order_id": "order_0000000000000000", **UPI}
ROUTES = {f"{each.method} {each.path.removeprefix(BASE)}": each for each in app.router.routes}


NOTIFICATION = "POST /acquirers/{name}/notifications/{merchant_id}"
ENDPOINT = "/webhooks/endpoints/{endpoint_id}"
BANK = "/test/bank/{charge_id}"
RETURN = "/payments/{payment_id}/return"
PAGES = {f"GET {BANK}", f"POST {BANK}", f"GET {RETURN}"}


@dataclass(frozen=True)
class Shop:
    """A merchant with an order, a successful payment, its refund and its first webhook log.

    The money of another payment is reserved.
    """

    merchant: Api
    order_id: str
    payment_id: str
    reserved_payment_id: str
    refund_id: str
    log_id: str
    request_id: str
    event_id: str
    endpoint_id: str
    bank_path: str

    @property
    def endpoint(self) -> str:
        """The path of the second webhook endpoint."""
        return f"/webhooks/endpoints/{self.endpoint_id}"

    @property
    def session(self) -> Api:
        """A client with a new session of the merchant."""
        return self.merchant.bearing(self.sign_in(PASSWORD).json()["token"])

    def notify(self, signature: str) -> requests.Response:
        """Send a notification of the simulated acquirer."""
        path = f"{BASE}/acquirers/simulated/notifications/{self.merchant.merchant_id}"
        headers = {"X-Simulated-Signature": signature}
        return self.merchant.anonymous.request("POST", path, data=NOTIFIED, headers=headers)

    def sign_in(self, password: str) -> requests.Response:
        return self.merchant.anonymous.post("/sessions", {"email": self.merchant.email, "password": password})


@pytest.fixture(scope="module")
def shop(aws: Callable[[str], Any], new_merchant: Callable[[], Api]) -> Shop:
    merchant = new_merchant()
    aws("ssm").put_parameter(
        Name=f"/{Stage('test').stack_name}/acquirers/{merchant.merchant_id}/simulated",
        Value=json.dumps({NOTIFICATION_SECRET: SECRET}),
        Type="SecureString",
    )
    merchant.send_webhooks_to(UNREACHABLE_URL)
    payment = merchant.paid()
    return Shop(
        merchant=merchant,
        order_id=payment["order_id"],
        payment_id=payment["id"],
        reserved_payment_id=merchant.paid(capture="manual")["id"],
        refund_id=merchant.refund(payment["id"], 100)["id"],
        log_id=merchant.log_of("payment.created")["id"],
        request_id=merchant.post("/orders", {"amount": 0}).json()["error"]["request_id"],
        event_id=merchant.events()[0]["id"],
        endpoint_id=merchant.webhook_endpoint()["id"],
        bank_path=bank_path(merchant),
    )


def bank_path(merchant: Api) -> str:
    """The path of the page that acts as the phone of the buyer of a new payment."""
    payment = merchant.payment(vpa=None, flow="qr")
    waiting = eventually(lambda: merchant.get(f"/payments/{payment['id']}").json().get("next_action"))
    url: str = waiting["simulator_url"]
    assert url.startswith(f"{merchant.url}{BASE}/test/bank/sim_")
    return url.removeprefix(merchant.url + BASE)


Ask = Callable[[Shop], requests.Response]
SUCCESSES: dict[str, tuple[int, Ask]] = {
    "GET /health": (200, lambda shop: shop.merchant.anonymous.request("GET", "/health")),
    "GET /test/merchant": (200, lambda shop: shop.merchant.anonymous.get("/test/merchant")),
    "GET /test/jobs/status": (200, lambda shop: shop.merchant.anonymous.get("/test/jobs/status")),
    f"GET {BANK}": (200, lambda shop: shop.merchant.anonymous.get(shop.bank_path)),
    f"POST {BANK}": (
        303,
        lambda shop: shop.merchant.anonymous.request(
            "POST", BASE + shop.bank_path, data={"decision": "decline"}
        ),
    ),
    "POST /test/declines": (201, lambda shop: shop.merchant.post("/test/declines")),
    "GET /openapi.json": (200, lambda shop: shop.merchant.anonymous.get("/openapi.json")),
    "POST /sessions": (201, lambda shop: shop.sign_in(PASSWORD)),
    "DELETE /sessions/current": (200, lambda shop: shop.session.delete("/sessions/current")),
    "DELETE /sessions/others": (200, lambda shop: shop.session.delete("/sessions/others")),
    "GET /merchants/me": (200, lambda shop: shop.merchant.get("/merchants/me")),
    "POST /merchants/me/api-secret": (201, lambda shop: shop.session.post("/merchants/me/api-secret")),
    "DELETE /merchants/me/api-secret/previous": (
        200,
        lambda shop: shop.session.delete("/merchants/me/api-secret/previous?fingerprint=0123abcd"),
    ),
    "PUT /merchants/me/return-origins": (
        200,
        lambda shop: shop.merchant.put("/merchants/me/return-origins", {"origins": ["https://shop.example"]}),
    ),
    "GET /requests": (200, lambda shop: shop.merchant.get("/requests")),
    "GET /requests/{request_id}": (200, lambda shop: shop.merchant.get(f"/requests/{shop.request_id}")),
    "PUT /merchants/me/time-zone": (
        200,
        lambda shop: shop.merchant.put("/merchants/me/time-zone", {"time_zone": "Asia/Kolkata"}),
    ),
    "GET /orders": (200, lambda shop: shop.merchant.get("/orders")),
    "POST /orders": (201, lambda shop: shop.merchant.post("/orders", {"amount": 50_000})),
    "GET /orders/{order_id}": (200, lambda shop: shop.merchant.get(f"/orders/{shop.order_id}")),
    "GET /orders/{order_id}/public": (
        200,
        lambda shop: shop.merchant.anonymous.get(f"/orders/{shop.order_id}/public"),
    ),
    "GET /payments": (200, lambda shop: shop.merchant.get("/payments")),
    "POST /payments": (
        201,
        lambda shop: shop.merchant.post("/payments", {"order_id": shop.merchant.order()["id"], **UPI}),
    ),
    "POST /payments/public": (
        201,
        lambda shop: shop.merchant.anonymous.post(
            "/payments/public", {"order_id": shop.merchant.order()["id"], **UPI}
        ),
    ),
    "GET /payments/{payment_id}": (200, lambda shop: shop.merchant.get(f"/payments/{shop.payment_id}")),
    "POST /payments/{payment_id}/capture": (
        200,
        lambda shop: shop.merchant.post(f"/payments/{shop.payment_id}/capture", {}),
    ),
    "POST /payments/{payment_id}/void": (
        200,
        lambda shop: shop.merchant.post(f"/payments/{shop.reserved_payment_id}/void"),
    ),
    "GET /payments/{payment_id}/public": (
        200,
        lambda shop: shop.merchant.anonymous.get(f"/payments/{shop.payment_id}/public"),
    ),
    "GET /payments/{payment_id}/qr.svg": (
        404,  # the payment waits for no buyer; with one, the QR code is fetched in test_upi_links.py
        lambda shop: shop.merchant.anonymous.get(f"/payments/{shop.payment_id}/qr.svg"),
    ),
    f"GET {RETURN}": (
        200,
        lambda shop: shop.merchant.anonymous.get(f"/payments/{shop.payment_id}/return"),
    ),
    "GET /refunds": (200, lambda shop: shop.merchant.get("/refunds")),
    "POST /payments/{payment_id}/refunds": (
        201,
        lambda shop: shop.merchant.post(f"/payments/{shop.payment_id}/refunds", {"amount": 100}),
    ),
    "GET /refunds/{refund_id}": (200, lambda shop: shop.merchant.get(f"/refunds/{shop.refund_id}")),
    "GET /webhooks": (200, lambda shop: shop.merchant.get("/webhooks")),
    "GET /webhooks/config": (200, lambda shop: shop.merchant.get("/webhooks/config")),
    "PUT /webhooks/config": (
        200,
        lambda shop: shop.merchant.put("/webhooks/config", {"webhook_url": UNREACHABLE_URL}),
    ),
    "POST /webhooks/secret/regenerate": (
        200,
        lambda shop: shop.merchant.post("/webhooks/secret/regenerate"),
    ),
    "POST /webhooks/test": (201, lambda shop: shop.merchant.post("/webhooks/test")),
    "GET /webhooks/endpoints": (200, lambda shop: shop.merchant.get("/webhooks/endpoints")),
    "POST /webhooks/endpoints": (
        201,
        lambda shop: shop.merchant.post("/webhooks/endpoints", {"url": UNREACHABLE_URL}),
    ),
    f"GET {ENDPOINT}": (200, lambda shop: shop.merchant.get(shop.endpoint)),
    f"PATCH {ENDPOINT}": (200, lambda shop: shop.merchant.patch(shop.endpoint, {"payload": "thin"})),
    f"DELETE {ENDPOINT}": (
        200,
        lambda shop: shop.merchant.delete(f"/webhooks/endpoints/{shop.merchant.webhook_endpoint()['id']}"),
    ),
    f"POST {ENDPOINT}/secret/regenerate": (
        200,
        lambda shop: shop.merchant.post(f"{shop.endpoint}/secret/regenerate"),
    ),
    f"POST {ENDPOINT}/test": (
        201,
        lambda shop: shop.merchant.post(f"{shop.endpoint}/test", {"event": "refund.failed"}),
    ),
    f"GET {ENDPOINT}/lab": (200, lambda shop: shop.merchant.get(f"{shop.endpoint}/lab")),
    f"POST {ENDPOINT}/lab": (
        200,
        lambda shop: shop.merchant.post(f"{shop.endpoint}/lab", {"check": "valid"}),
    ),
    f"POST {ENDPOINT}/replay": (
        200,
        lambda shop: shop.merchant.post(f"{shop.endpoint}/replay", {"since": "2026-03-01T00:00:00Z"}),
    ),
    "GET /webhooks/{log_id}": (200, lambda shop: shop.merchant.get(f"/webhooks/{shop.log_id}")),
    "POST /webhooks/{log_id}/retry": (200, lambda shop: shop.merchant.post(f"/webhooks/{shop.log_id}/retry")),
    "GET /events": (200, lambda shop: shop.merchant.get("/events")),
    "GET /events/{event_id}": (200, lambda shop: shop.merchant.get(f"/events/{shop.event_id}")),
    "GET /summary": (200, lambda shop: shop.merchant.get("/summary")),
    "GET /exports/payments": (200, lambda shop: shop.merchant.get("/exports/payments")),
    "GET /exports/refunds": (200, lambda shop: shop.merchant.get("/exports/refunds")),
    "GET /exports/events": (200, lambda shop: shop.merchant.get("/exports/events")),
    "GET /stats": (200, lambda shop: shop.merchant.get("/stats")),
    "GET /test/clock": (200, lambda shop: shop.merchant.get("/test/clock")),
    "POST /test/clock": (200, lambda shop: shop.merchant.post("/test/clock", {"advance": "1s"})),
    NOTIFICATION: (200, lambda shop: shop.notify(hex_signature(SECRET, NOTIFIED))),
}
PASSWORD_ROUTE = "PUT /merchants/me/password"  # changes the password, which the other routes need
PUBLIC_FAILURES: dict[str, tuple[int, str, Ask]] = {
    "GET /health": (405, "METHOD_NOT_ALLOWED_ERROR", lambda shop: shop.merchant.request("POST", "/health")),
    "GET /test/merchant": (
        405,
        "METHOD_NOT_ALLOWED_ERROR",
        lambda shop: shop.merchant.delete("/test/merchant"),
    ),
    "GET /test/jobs/status": (
        405,
        "METHOD_NOT_ALLOWED_ERROR",
        lambda shop: shop.merchant.delete("/test/jobs/status"),
    ),
    f"GET {BANK}": (
        405,
        "METHOD_NOT_ALLOWED_ERROR",
        lambda shop: shop.merchant.anonymous.delete(shop.bank_path),
    ),
    f"POST {BANK}": (
        400,
        "BAD_REQUEST_ERROR",
        lambda shop: shop.merchant.anonymous.post(shop.bank_path, {"decision": "decline"}),
    ),
    "GET /openapi.json": (
        405,
        "METHOD_NOT_ALLOWED_ERROR",
        lambda shop: shop.merchant.delete("/openapi.json"),
    ),
    "POST /sessions": (401, "AUTHENTICATION_ERROR", lambda shop: shop.sign_in("wrong")),
    "GET /orders/{order_id}/public": (
        404,
        "NOT_FOUND_ERROR",
        lambda shop: shop.merchant.anonymous.get("/orders/order_0000000000000000/public"),
    ),
    "POST /payments/public": (
        404,
        "NOT_FOUND_ERROR",
        lambda shop: shop.merchant.anonymous.post("/payments/public", NO_ORDER),
    ),
    "GET /payments/{payment_id}/qr.svg": (
        404,
        "NOT_FOUND_ERROR",
        lambda shop: shop.merchant.anonymous.get("/payments/pay_0000000000000000/qr.svg"),
    ),
    f"GET {RETURN}": (
        405,
        "METHOD_NOT_ALLOWED_ERROR",
        lambda shop: shop.merchant.anonymous.post(f"/payments/{shop.payment_id}/return"),
    ),
    "GET /payments/{payment_id}/public": (
        404,
        "NOT_FOUND_ERROR",
        lambda shop: shop.merchant.anonymous.get("/payments/pay_0000000000000000/public"),
    ),
    NOTIFICATION: (400, "BAD_REQUEST_ERROR", lambda shop: shop.notify(hex_signature("other", NOTIFIED))),
}
PRIVATE = {name: route for name, route in ROUTES.items() if not route.public}


def test_every_route_has_a_success_and_a_failure():
    assert {*SUCCESSES, PASSWORD_ROUTE} == set(ROUTES)
    assert {*PUBLIC_FAILURES, *PRIVATE} == set(ROUTES)


@pytest.mark.parametrize("route", SUCCESSES)
def test_a_request_succeeds(shop: Shop, route: str):
    status, ask = SUCCESSES[route]
    response = ask(shop)
    assert response.status_code == status, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if route in PAGES:
        assert response.headers["Content-Type"].startswith("text/html")
        return
    if "/exports/" in route:
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.text.endswith("\r\n")
        return
    assert response.headers["Content-Type"].startswith("application/json")
    assert isinstance(response.json(), dict)


@pytest.mark.contract("2", PASSWORD_ROUTE)
def test_a_password_is_changed(new_merchant: Callable[[], Api]):
    merchant = new_merchant()
    signed_in = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD})
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    response = merchant.bearing(signed_in.json()["token"]).put("/merchants/me/password", body)
    assert (response.status_code, response.json()) == (200, {"status": "password_changed"})


@pytest.mark.parametrize("route", PRIVATE)
def test_a_request_without_credentials_is_rejected(shop: Shop, route: str):
    endpoint = PRIVATE[route]
    path = endpoint.path.format_map({name: value for name, value in vars(shop).items() if name != "merchant"})
    response = shop.merchant.anonymous.request(endpoint.method, path)
    assert_error(response, 401, "AUTHENTICATION_ERROR", "Invalid API credentials")


@pytest.mark.parametrize("route", PUBLIC_FAILURES)
def test_an_invalid_request_to_a_public_route_is_rejected(shop: Shop, route: str):
    status, code, ask = PUBLIC_FAILURES[route]
    assert_error(ask(shop), status, code)
