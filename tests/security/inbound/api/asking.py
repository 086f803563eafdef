"""Requests generated from the route declarations, so that every new route is tested."""

import json
import re
from collections.abc import Mapping

from chalice.test import HTTPResponse

import app
from chalicelib.api.input import Body, Query
from chalicelib.api.route import Route
from tests.api.client import PASSWORD, UPI, Api, Json

ENDPOINTS = list(app.router.routes)
PRIVATE = [endpoint for endpoint in ENDPOINTS if not endpoint.public]
PUBLIC = [endpoint for endpoint in ENDPOINTS if endpoint.public]

BODIES: dict[str, Json] = {
    "POST /api/v1/test/declines": {},
    "POST /api/v1/orders": {"amount": 50_000},
    "POST /api/v1/payments": UPI,
    "POST /api/v1/payments/public": UPI,
    "POST /api/v1/payments/{payment_id}/capture": {},
    "POST /api/v1/payments/{payment_id}/refunds": {"amount": 100},
    "POST /api/v1/test/clock": {"advance": "1h"},
    "POST /api/v1/sessions": {"email": "unknown@example.com", "password": "unknown"},
    "PUT /api/v1/merchants/me/password": {"current_password": PASSWORD, "new_password": PASSWORD + " 2"},
    "POST /api/v1/merchants/me/api-secret": {},
    "PUT /api/v1/merchants/me/return-origins": {"origins": ["https://asking.example"]},
    "PUT /api/v1/merchants/me/time-zone": {"time_zone": "Asia/Kolkata"},
    "PUT /api/v1/webhooks/config": {"webhook_url": "https://asking.example/webhook"},
    "POST /api/v1/webhooks/endpoints": {"url": "https://asking.example/webhook"},
    "PATCH /api/v1/webhooks/endpoints/{endpoint_id}": {"description": "Asking"},
    "POST /api/v1/webhooks/endpoints/{endpoint_id}/test": {},
    "POST /api/v1/webhooks/endpoints/{endpoint_id}/lab": {"check": "valid"},
    "POST /api/v1/webhooks/endpoints/{endpoint_id}/replay": {"since": "2026-03-01T00:00:00Z"},
}
"""The body of a valid request to a route, without the ids that it contains."""

QUERIES = {"DELETE /api/v1/merchants/me/api-secret/previous": "fingerprint=0123abcd"}
"""The query string of a route that requires one."""

_IN_PATH = re.compile(r"{(\w+)}")


def in_path(endpoint: Route) -> list[str]:
    """The ids in the path of the route."""
    return _IN_PATH.findall(endpoint.path)


def in_body(endpoint: Route) -> list[str]:
    """The ids in the body of the route."""
    return _ids_of(endpoint, Body)


def in_query(endpoint: Route) -> list[str]:
    """The ids in the query string of the route."""
    return _ids_of(endpoint, Query)


def send_request(api: Api, endpoint: Route, ids: Mapping[str, str], **headers: str) -> HTTPResponse:
    """Send a valid request to the route, with the ids of ``ids``."""
    query = "&".join(f"{name}={ids[name]}" for name in in_query(endpoint) if name in ids)
    query = QUERIES.get(endpoint.name, query)
    address = endpoint.path.format_map(ids) + (f"?{query}" if query else "")
    sent = {"Content-Type": "application/json", **api.credentials, **headers}
    return api.http.request(endpoint.method, address, headers=sent, body=_body(endpoint, ids))


def _body(endpoint: Route, ids: Mapping[str, str]) -> bytes:
    if endpoint.takes is None or not issubclass(endpoint.takes, Body):
        return b""
    assert endpoint.name in BODIES, f"add a valid body for {endpoint.name} to BODIES"
    named = {name: ids[name] for name in in_body(endpoint)}
    return json.dumps(BODIES[endpoint.name] | named).encode()


def _ids_of(endpoint: Route, kind: type[Body] | type[Query]) -> list[str]:
    if endpoint.takes is None or not issubclass(endpoint.takes, kind):
        return []
    return [name for name in endpoint.takes.model_fields if name.endswith("_id")]
