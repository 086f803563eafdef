"""A merchant's view of the API, through Chalice's test client, and the letter of its errors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import chalice.test
from chalice.test import HTTPResponse

Json = dict[str, Any]
Http = chalice.test.TestHTTPClient  # pytest would take its own name for a test class

TIME = "2026-03-14T15:09:26.000Z"  # when every test starts
VISA = "4111111111111111"
PASSWORD = "correct horse battery staple"  # of every merchant's dashboard
UPI: Json = {"method": "upi", "vpa": "buyer@bank"}


def card(**changes: Any) -> Json:
    """What a payment by card adds to the order's id, with ``changes`` to the card."""
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
    """Requests of one merchant; without credentials, those of anybody."""

    http: Http
    merchant_id: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    email: str = ""

    def request(
        self, method: str, path: str, body: object = b"", headers: Mapping[str, str] | None = None
    ) -> HTTPResponse:
        """One request under ``/api/v1``; a ``body`` of bytes is sent as it is, any other as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self.credentials, **(headers or {})}
        return self.http.request(method, f"/api/v1{path}", headers=sent, body=raw)

    def get(self, path: str) -> HTTPResponse:
        return self.request("GET", path)

    def post(self, path: str, body: object = b"", *, key: str | None = None) -> HTTPResponse:
        return self.request("POST", path, body, {} if key is None else {"Idempotency-Key": key})

    def put(self, path: str, body: object = b"") -> HTTPResponse:
        return self.request("PUT", path, body)

    def order(self, **changes: Any) -> Json:
        """A new order."""
        return made(self.post("/orders", {"amount": 50_000, **changes}))

    def payment(self, **changes: Any) -> Json:
        """A new payment by UPI of a new order."""
        return made(self.post("/payments", {"order_id": self.order()["id"], **UPI, **changes}))

    def delete(self, path: str) -> HTTPResponse:
        return self.request("DELETE", path)

    def refund(self, payment_id: str, amount: int = 10_000, **changes: Any) -> Json:
        """A new refund."""
        return made(self.post(f"/payments/{payment_id}/refunds", {"amount": amount, **changes}))

    def bearing(self, token: str) -> "Api":
        """The same merchant with the token of a session for credentials."""
        return replace(self, credentials={"Authorization": f"Bearer {token}"})

    @property
    def anybody(self) -> "Api":
        """The same gateway without credentials."""
        return replace(self, merchant_id="", credentials={})


def made(response: HTTPResponse) -> Json:
    """The body of an answer to what creates."""
    assert response.status_code == 201, response.body
    return _json(response)


def shown(response: HTTPResponse) -> Json:
    """The body of an answer to what shows or changes."""
    assert response.status_code == 200, response.body
    return _json(response)


def assert_error(
    response: HTTPResponse, status: int, code: str, description: str, field: str | None = None
) -> None:
    """The contract's error, and nothing beside it."""
    error = _json(response)["error"]
    assert (response.status_code, error["code"], error["description"]) == (status, code, description)
    assert error.get("field") == field
    assert error["request_id"]
    assert set(error) == {"code", "description", "request_id"} | ({"field"} if field else set())


def assert_bad_request(response: HTTPResponse, description: str, field: str | None = None) -> None:
    """The most frequent error."""
    assert_error(response, 400, "BAD_REQUEST_ERROR", description, field)


def _json(response: HTTPResponse) -> Json:
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    body: Json = response.json_body
    return body
