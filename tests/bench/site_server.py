"""The dashboard, the checkout page and a small API on one loopback port, for measurements in a browser.

The API answers with fixed data, so that a measurement covers the pages and the network, not the local stack.
"""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from infra.deploy.site_objects import SiteObject
from infra.sites import Addresses
from tests.threaded_server import ThreadedServer

ORDER_ID = "order_0000000000000001"
API_RESPONSE_S = 0.05  # a warm function
_DAYS, _LATEST = 30, 6
API = "/api-of-the-gateway"
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization,Content-Type",
    "Access-Control-Allow-Methods": "GET",
}


class SiteServer(ThreadedServer):
    """A context manager that serves the objects of a site as S3 does: over HTTP/1.1, with stored headers."""

    def __init__(self) -> None:
        self._objects: dict[str, SiteObject] = {}
        server = _Server(("127.0.0.1", 0), _Handler)
        server.objects = self._objects
        super().__init__(server, "site")
        self.addresses = Addresses(api_url=self.url + API, checkout_url=self.url)

    def serve(self, objects: Iterable[SiteObject]) -> None:
        """Replace the served objects."""
        self._objects.clear()
        self._objects.update({each.key: each for each in objects})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    objects: Mapping[str, SiteObject]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_OPTIONS(self) -> None:
        self._send(200, {}, b"")

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith(API):
            self._api(path.removeprefix(API))
        elif each := self.server.objects.get(path.lstrip("/")):
            encoding = {"Content-Encoding": each.content_encoding} if each.content_encoding else {}
            stored = {"Content-Type": each.content_type, "Cache-Control": each.cache_control}
            self._send(200, stored | encoding, each.body)
        else:
            self._send(404, {}, b"")

    def _api(self, path: str) -> None:
        time.sleep(API_RESPONSE_S)
        body = json.dumps(_responses()[path]).encode()
        self._send(200, {"Content-Type": "application/json"}, body)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**_CORS, **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """No-op."""


def session() -> dict[str, Any]:
    """A session of the dashboard, as it is stored in the browser."""
    merchant = {"id": "merchant_1", "name": "Tea shop", "email": "tea@example.com", "api_key": "key_live_1"}
    return {"token": "token", "expires_at": "2099-01-01T00:00:00Z", "merchant": merchant}


def _responses() -> dict[str, Any]:
    return {
        "/health": {"status": "healthy", "database": "connected", "queue": "connected", "worker": "running"},
        "/api/v1/stats": {
            "totals": {"count": 10_000, "volume": {"INR": 4_500_000}, "success_rate": 0.9},
            "days": [_day(_today() - timedelta(days=age)) for age in reversed(range(_DAYS))],
        },
        "/api/v1/payments": {"data": [_payment(number) for number in range(_LATEST)], "next_cursor": None},
        "/api/v1/test/jobs/status": {"pending": 0, "processing": 0, "completed": 10_000, "failed": 0},
        "/api/v1/webhooks/endpoints": {"data": []},
        f"/api/v1/orders/{ORDER_ID}/public": {
            "id": ORDER_ID,
            "amount": 50_000,
            "currency": "INR",
            "status": "created",
            "merchant": {"name": "Tea shop"},
            "upi_flows": ["collect", "intent", "qr"],
        },
    }


def _today() -> date:
    return datetime.now(UTC).date()


def _day(day: date) -> dict[str, Any]:
    return {"date": day.isoformat(), "count": 10, "success": 8, "failed": 1, "volume": {"INR": 400_000}}


def _payment(number: int) -> dict[str, Any]:
    return {
        "id": f"pay_{number:016d}",
        "amount": 50_000,
        "currency": "INR",
        "status": "success",
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
