"""An API client of a merchant, with polling."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from infra.local import loopback
from infra.local.demo.narration import DemoError

REQUEST_TIMEOUT_S = 15.0
SETTLING_DEADLINE_S = 30.0  # far above the processing delay, because of cold starts
POLL_INTERVAL_S = 0.25


@dataclass
class MerchantApi:
    """Calls the API with the credentials in the headers of `session`."""

    api_url: str
    session: requests.Session = field(default_factory=loopback.session)

    def call(self, method: str, path: str, status: int = 200, body: object = None) -> dict[str, Any]:
        """Send a request and return the JSON object of the response. Raises DemoError for another status."""
        response = self.session.request(method, self.api_url + path, json=body, timeout=REQUEST_TIMEOUT_S)
        if response.status_code != status:
            raise DemoError(
                f"{method} {path}: expected {status}, got {response.status_code} {response.text[:300]}"
            )
        content: dict[str, Any] = response.json()
        return content

    def settled(self, payment_id: str) -> dict[str, Any]:
        """Poll the payment until it is no longer pending."""
        path = f"/api/v1/payments/{payment_id}"
        return self._polled(path, lambda payment: payment["status"] != "pending", "a settled payment")

    def settled_refund(self, refund_id: str) -> dict[str, Any]:
        """Poll the refund until it is no longer pending."""
        path = f"/api/v1/refunds/{refund_id}"
        return self._polled(path, lambda refund: refund["status"] != "pending", "a settled refund")

    def next_action(self, payment_id: str) -> dict[str, Any]:
        """Poll the payment until it waits for its buyer, and return what the buyer has to do."""
        path = f"/api/v1/payments/{payment_id}"
        payment = self._polled(path, lambda payment: "next_action" in payment, "a payment with a next action")
        action: dict[str, Any] = payment["next_action"]
        return action

    def answer(self, url: str, form: dict[str, str]) -> None:
        """Submit the form of a page that acts as the bank or the phone. Raises DemoError if it fails."""
        response = loopback.session().post(url, data=form, timeout=REQUEST_TIMEOUT_S)
        if not response.ok:
            raise DemoError(f"POST {url}: expected 200, got {response.status_code}")

    def delivered_logs(self, count: int) -> list[dict[str, Any]]:
        """Poll the webhook logs until there are `count` and all are delivered."""

        def delivered(page: dict[str, Any]) -> bool:
            return [log["status"] for log in page["data"]] == ["success"] * count

        page = self._polled("/api/v1/webhooks?limit=100", delivered, f"{count} delivered webhooks")
        logs: list[dict[str, Any]] = page["data"]
        return logs

    def _polled(self, path: str, done: Callable[[dict[str, Any]], bool], expected: str) -> dict[str, Any]:
        deadline = time.monotonic() + SETTLING_DEADLINE_S
        while not done(content := self.call("GET", path)):
            if time.monotonic() > deadline:
                raise DemoError(f"expected {expected} within {SETTLING_DEADLINE_S:g} s, got {content}")
            time.sleep(POLL_INTERVAL_S)
        return content
