"""A merchant that retries each request with the same idempotency key until it has a response."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from tests.e2e.api import UPI, Api, Json, card

AMOUNT = 50_000
REFUND = 20_000
REFUNDED_EVERY = 4  # one payment in this many is refunded if it succeeds
CUSTOMERS = 4  # concurrent
PAUSE_S = 0.3
PATIENCE_S = 180.0


@dataclass(frozen=True)
class Seller:
    """Creates payments, and refunds some of them."""

    api: Api

    def sell(self, count: int) -> list[Json]:
        """Create ``count`` payments, and refund some of them; returns the payments of the responses."""
        with ThreadPoolExecutor(CUSTOMERS) as customers:
            return list(customers.map(self._sell, range(count)))

    def _sell(self, number: int) -> Json:
        order = self._post("/orders", {"amount": AMOUNT}, f"order-{number}")
        instrument = card() if number % 2 else UPI
        payment = self._post("/payments", {"order_id": order["id"], **instrument}, f"payment-{number}")
        if number % REFUNDED_EVERY == 0 and self._outcome(payment["id"]) == "success":
            self._post(f"/payments/{payment['id']}/refunds", {"amount": REFUND}, f"refund-{number}")
        return payment

    def _post(self, path: str, body: Json, key: str) -> Json:
        """Send until there is a response. AssertionError for an unexpected response."""
        response = _until(
            lambda: self.api.post(path, body, headers={"Idempotency-Key": key}),
            lambda response: response.status_code < 500 and response.status_code != 429,
        )
        assert response.status_code == 201, response.text
        made: Json = response.json()
        return made

    def _outcome(self, payment_id: str) -> str:
        """The outcome of the payment, or pending; the checks find a payment that does not end."""
        try:
            response = _until(
                lambda: self.api.get(f"/payments/{payment_id}"),
                lambda response: response.ok and response.json()["status"] != "pending",
            )
        except TimeoutError:
            return "pending"
        return str(response.json()["status"])


def _until(
    send: Callable[[], requests.Response], is_good: Callable[[requests.Response], bool]
) -> requests.Response:
    deadline, seen = time.monotonic() + PATIENCE_S, "no response"
    while time.monotonic() < deadline:
        try:
            response = send()
        except requests.RequestException as error:
            seen = type(error).__name__
        else:
            if is_good(response):
                return response
            seen = f"{response.status_code} {response.text}"
        time.sleep(PAUSE_S)
    raise TimeoutError(f"not within {PATIENCE_S:g} s; the last response was {seen}")
