"""A client of the API on Chalice's test client, and assertions on its responses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import chalice.test
from chalice.test import HTTPResponse

Json = dict[str, Any]
Http = chalice.test.TestHTTPClient  # an alias, because pytest collects names that start with Test

TIME = "2026-03-14T15:09:26.000Z"  # the start time of every test
VISA = "4111111111111111"
PASSWORD = "correct horse battery staple"  # of every merchant's dashboard
UPI: Json = {"method": "upi", "vpa": "buyer@bank"}


def card(**changes: Any) -> Json:
    """The body of a card payment without the order id, with ``changes`` to the card."""
    good = {
        "number": VISA,
        "expiry_month": "12",
        "expiry_year": "2030",
        "cvv": "737",
        "holder_name": "Asha Rao",
    }
    return {"method": "card", "card": good | changes}


def without(body: Json, *path: str) -> Json:
    """``body`` without the field at the end of ``path``."""
    first, *rest = path
    if rest:
        return body | {first: without(body[first], *rest)}
    return {name: value for name, value in body.items() if name != first}


@dataclass(frozen=True)
class Api:
    """A client with one merchant's credentials, or without credentials."""

    http: Http
    merchant_id: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    email: str = ""

    def request(
        self, method: str, path: str, body: object = b"", headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        """Send a request under ``/api/v1``. A ``body`` of bytes is sent unchanged, any other as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self.credentials, **(headers or {})}
        return self.http.request(method, f"/api/v1{path}", headers=sent, body=raw)

    def get(self, path: str) -> HTTPResponse:
        return self.request("GET", path)

    def post(self, path: str, body: object = b"", *, key: str | None = None) -> HTTPResponse:
        return self.request("POST", path, body, {} if key is None else {"Idempotency-Key": key})

    def put(self, path: str, body: object = b"") -> HTTPResponse:
        return self.request("PUT", path, body)

    def patch(self, path: str, body: object = b"") -> HTTPResponse:
        return self.request("PATCH", path, body)

    def order(self, **changes: Any) -> Json:
        """Create an order."""
        return made(self.post("/orders", {"amount": 50_000, **changes}))

    def payment(self, **changes: Any) -> Json:
        """Create an order and a UPI payment of it."""
        return made(self.post("/payments", {"order_id": self.order()["id"], **UPI, **changes}))

    def delete(self, path: str) -> HTTPResponse:
        return self.request("DELETE", path)

    def refund(self, payment_id: str, amount: int = 10_000, **changes: Any) -> Json:
        """Create a refund."""
        return made(self.post(f"/payments/{payment_id}/refunds", {"amount": amount, **changes}))

    def bearing(self, token: str) -> "Api":
        """A client of the same merchant that authenticates with a session token."""
        return replace(self, credentials={"Authorization": f"Bearer {token}"})

    @property
    def anonymous(self) -> "Api":
        """A client without credentials."""
        return replace(self, merchant_id="", credentials={})


def made(response: HTTPResponse) -> Json:
    """The body of a 201 response."""
    assert response.status_code == 201, response.body
    return _json(response)


def shown(response: HTTPResponse) -> Json:
    """The body of a 200 response."""
    assert response.status_code == 200, response.body
    return _json(response)


def assert_error(
    response: HTTPResponse, status: int, code: str, description: str, field: str | None = None
) -> None:
    """Assert that the response is exactly the contract's error."""
    error = _json(response)["error"]
    assert (response.status_code, error["code"], error["description"]) == (status, code, description)
    assert error.get("field") == field
    assert error["request_id"]
    assert set(error) == {"code", "description", "request_id"} | ({"field"} if field else set())


def assert_bad_request(response: HTTPResponse, description: str, field: str | None = None) -> None:
    """Assert a 400 response with ``BAD_REQUEST_ERROR``."""
    assert_error(response, 400, "BAD_REQUEST_ERROR", description, field)


def _json(response: HTTPResponse) -> Json:
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    body: Json = response.json_body
    return body
