"""A small shop: it sells tea, and ships an order when the gateway's webhook says that it is paid.

Standard library only. `python shop.py 4001` serves it at http://127.0.0.1:4001. The environment variables
PAYMENT_GATEWAY_API_URL, _API_KEY, _API_SECRET and _WEBHOOK_SECRET are its account at the gateway.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PRICE = 49_900  # paise
TOLERANCE_S = 5 * 60


@dataclass
class Shop:
    """The orders of the shop, and its account at the gateway."""

    api_url: str
    api_key: str
    api_secret: str
    webhook_secret: str
    orders: dict = field(default_factory=dict)  # the shop's orders by the gateway's id; yours is a table
    seen: set = field(default_factory=set)  # the ids of the webhooks that were processed
    lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, quantity: int) -> dict:
        """Create an order at the gateway, for which the buyer can pay."""
        created = self.call("POST", "/orders", {"amount": PRICE * quantity, "currency": "INR"})
        order = {"id": created["id"], "quantity": quantity, "status": "unpaid", "message": ""}
        self.orders[order["id"]] = order
        return order

    def pay(self, order_id: str, vpa: str) -> dict:
        """Ask the buyer's UPI app for the money. The webhook brings the outcome."""
        return self.call("POST", "/payments", {"order_id": order_id, "method": "upi", "vpa": vpa})

    def receive(self, headers, body: bytes) -> int:
        """Process a webhook and return the HTTP status. A webhook can arrive twice, and in any order."""
        if not self.is_signed(headers, body):
            return 400
        event = json.loads(body)
        payment = event["data"].get("payment", {})
        with self.lock:
            order = self.orders.get(payment.get("order_id"))
            if headers["webhook-id"] in self.seen or order is None:
                return 204
            if event["event"] == "payment.success":
                order["status"] = "shipped"
            elif event["event"] == "payment.failed" and order["status"] == "unpaid":
                order["message"] = payment["error_description"]
            self.seen.add(headers["webhook-id"])
        return 204

    def is_signed(self, headers, body: bytes) -> bool:
        """Whether the gateway sent the webhook, a short time ago (docs/webhooks.md)."""
        webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
            return False
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        digest = hmac.new(signing_key(self.webhook_secret), signed, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(digest).decode()
        signatures = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(expected.encode(), each.encode()) for each in signatures)

    def call(self, method: str, path: str, body: dict) -> dict:
        """Send a request to the gateway."""
        request = urllib.request.Request(
            f"{self.api_url}/api/v1{path}",
            method=method,
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Api-Key": self.api_key,
                "X-Api-Secret": self.api_secret,
            },
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


def signing_key(secret: str) -> bytes:
    """The key in a webhook secret: what follows `whsec_` in base64, or its text."""
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return text.encode()


def server(shop: Shop, port: int = 0) -> ThreadingHTTPServer:
    """The HTTP server of the shop. Port 0 is any free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/webhook":
                self.respond(shop.receive(self.headers, body))
            elif self.path == "/orders":
                self.respond(201, shop.order(json.loads(body)["quantity"]))
            elif self.path.startswith("/orders/") and self.path.endswith("/payments"):
                self.respond(201, shop.pay(self.path.split("/")[2], json.loads(body)["vpa"]))
            else:
                self.respond(404)

        def do_GET(self) -> None:
            order = shop.orders.get(self.path.removeprefix("/orders/"))
            self.respond(200 if order else 404, order)

        def respond(self, status: int, content: dict | None = None) -> None:
            body = json.dumps(content).encode() if content else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    names = ("api_url", "api_key", "api_secret", "webhook_secret")
    account = Shop(**{name: os.environ[f"PAYMENT_GATEWAY_{name.upper()}"] for name in names})
    server(account, int(sys.argv[1])).serve_forever()
