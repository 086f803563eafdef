"""A merchant of a gateway for tests, with the steps that a test of a shop needs."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import requests

from infra.testing.connection import Connection
from infra.testing.errors import NotInTimeError, RefusedError
from infra.testing.process import GatewayProcess

Json = dict[str, Any]

REQUEST_TIMEOUT_S = 30.0
TIMEOUT_S = 90.0  # of everything that a helper waits for; it usually takes less than a second
_POLL_S = 0.05
_CARD_YEARS = 3  # until the expiry of the test card
TEST_CARD = "4111 1111 1111 1111"
TEST_VPA = "buyer@upi"


class PaymentGateway:
    """One merchant. Tests that use different merchants do not influence one another.

    Every helper raises RefusedError if the API refuses its request, and StoppedError after the stop.
    """

    def __init__(self, process: GatewayProcess, connection: Connection) -> None:
        self._process = process
        self.connection = connection
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, .netrc or certificate bundle of the user
        self._session.headers.update(self.headers)

    @property
    def api_url(self) -> str:
        """The address of the API; its paths start with /api/v1."""
        return self.connection.api_url

    @property
    def api_key(self) -> str:
        """The merchant's API key."""
        return self.connection.api_key

    @property
    def api_secret(self) -> str:
        """The merchant's API secret."""
        return self.connection.api_secret

    @property
    def webhook_secret(self) -> str:
        """The secret with which the merchant's webhooks are signed."""
        return self.connection.webhook_secret

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request of the merchant."""
        return {"X-Api-Key": self.api_key, "X-Api-Secret": self.api_secret}

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of a shop that runs in its own process: PAYMENT_GATEWAY_API_URL, ..."""
        return self.connection.variables

    @property
    def checkout_url(self) -> str:
        """The address of the hosted checkout page. Its first use installs packages from npm."""
        self._process.upload_pages()
        return self.connection.checkout_url

    def request(self, method: str, path: str, json: Json | None = None) -> Json:
        """Send a request of the merchant, such as `request("GET", "/orders")`, and return the response."""
        self._process.require_running()
        try:
            response = self._session.request(
                method, f"{self.api_url}/api/v1{path}", json=json, timeout=REQUEST_TIMEOUT_S
            )
        except requests.ConnectionError:
            self._process.require_running()
            raise
        if response.ok:
            content: Json = response.json()
            return content
        error = _error_of(response)
        description = error.get("description") or response.text[:300]
        raise RefusedError(
            f"{method} {path}: {response.status_code} {description}",
            status=response.status_code,
            code=error.get("code"),
        )

    def send_webhooks_to(self, url: str | None) -> None:
        """Set the URL of the shop that receives webhooks. None: no webhooks are sent."""
        self.request("PUT", "/webhooks/config", {"webhook_url": url})

    def pay(
        self,
        amount: int = 50_000,
        *,
        order_id: str | None = None,
        currency: str = "INR",
        vpa: str | None = None,
        card: str | None = None,
    ) -> Json:
        """Pay as a buyer does, and return the payment when it has succeeded or failed.

        ``order_id``: the order to pay; without one, an order of ``amount`` minor units is created.
        ``vpa`` or ``card``: the UPI address or card number, of which some force an outcome (docs/sdk.md). By
        default, the buyer pays with UPI and the payment succeeds. Raises NotInTimeError if the payment waits
        for an action of the buyer.
        """
        if order_id is None:
            order_id = self.request("POST", "/orders", {"amount": amount, "currency": currency})["id"]
        instrument = _card(card) if card else {"method": "upi", "vpa": vpa or TEST_VPA}
        payment = self.request("POST", "/payments", {"order_id": order_id, **instrument})
        return self.settled(payment["id"])

    def settled(self, payment_id: str) -> Json:
        """The payment, when it has succeeded or failed. For payments that the shop created."""
        return self._eventually(
            lambda: self.request("GET", f"/payments/{payment_id}"),
            lambda payment: bool(payment["status"] != "pending"),
            f"payment {payment_id} to succeed or fail",
        )

    def fail_next(self, code: str = "card_declined", *, count: int = 1) -> None:
        """Make the acquirer decline the next ``count`` payments of the merchant with a decline code.

        The next ones are those that are created after this call, by `pay` or by the shop. Calls add up, in
        their order. Payments whose VPA or card forces an outcome other than success are
        not affected.
        """
        self.request("POST", "/test/declines", {"code": code, "count": count})

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Json:
        """Advance the merchant's clock, and return it when everything that became due is processed.

        Retries of webhooks, expiries and whatever else waits happen in the order of their due times.
        """
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        body = {"advance": f"{by.days}d{by.seconds}s"}

        def advance() -> (
            Json
        ):  # a long advance needs several requests, each of which continues the earlier one
            nonlocal body
            clock = self.request("POST", "/test/clock", body)
            body = {"to": clock["target"]}
            return clock

        return self._eventually(
            advance, lambda clock: bool(clock["status"] != "advancing"), "the clock to reach its time"
        )

    def events(self, type: str | None = None, *, count: int = 0) -> list[Json]:  # noqa: A002 - as in the API
        """The merchant's events, oldest first; with ``type``, those of one type.

        Events are recorded a moment after they happen: with ``count``, wait until there are so many.
        """
        feed: list[Json] = []
        filters = f"&type={type}" if type else ""
        after = ""

        def read() -> Json:
            nonlocal after
            page = self.request("GET", f"/events?limit=100{filters}{after}")
            feed.extend(page["data"])
            if page["next_after"]:
                after = f"&after={page['next_after']}"
            return page

        self._eventually(
            read,
            lambda page: not page["data"] and len(feed) >= count,
            f"{count} events {type or ''}".strip(),
            lambda: f"{len(feed)}: {', '.join(event['type'] for event in feed) or 'none'}",
        )
        return feed

    def delivered(self, event: str, *, payment_id: str | None = None) -> Json:
        """The webhook of ``event``, when the shop has accepted it. For a payment, or the latest one.

        Raises NotInTimeError, which shows the shop's last response, if the shop does not accept it.
        """
        return self._eventually(
            lambda: self._webhook(event, payment_id),
            lambda log: log.get("status") == "success",
            f"the shop to accept the webhook {event}",
        )

    def _webhook(self, event: str, payment_id: str | None) -> Json:
        logs: list[Json] = self.request("GET", f"/webhooks?limit=100&event={event}")["data"]
        return next((log for log in logs if payment_id in {None, log["payment_id"]}), {})

    def _eventually(
        self,
        read: Callable[[], Json],
        is_done: Callable[[Json], bool],
        awaited: str,
        seen: Callable[[], object] | None = None,
    ) -> Json:
        deadline = time.monotonic() + TIMEOUT_S
        while not is_done(last := read()):
            if time.monotonic() > deadline:
                shown = seen() if seen else last or "none"
                raise NotInTimeError(f"Waited {TIMEOUT_S:g} s for {awaited}. The last result was {shown}")
            time.sleep(_POLL_S)
        return last


def _error_of(response: requests.Response) -> Json:
    try:
        error: Json = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error


def _card(number: str) -> Json:
    details = {
        "number": number,
        "expiry_month": 12,
        "expiry_year": time.gmtime().tm_year + _CARD_YEARS,
        "cvv": "123",
        "holder_name": "Test Buyer",
    }
    return {"method": "card", "card": details}
