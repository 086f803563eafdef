"""A payment whose state the test sets: mocks the API's public routes and the pages of a bank."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

BANK = "https://bank.example"
PAYMENT_ID = "pay_AbCdEfGhIjKlMnOp"
LINK = "upi://pay?pa=shop@bank&pn=Shop&am=500.00&cu=INR&tr=pay_AbCdEfGhIjKlMnOp"
_MODULES = 29  # of a QR code that encodes a link of that length
_QR_CODE = "".join(
    f'<path d="M{x} {y}h1v1h-1z"/>'
    for y in range(_MODULES)
    for x in range(_MODULES)
    if (x * 7 + y * 11 + x * y) % 3 == 0
)
QR_CODE = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 33 33">{_QR_CODE}</svg>'
BANK_PAGE = """<!doctype html><html lang="en"><title>Bank</title><link rel="icon" href="data:,">
<h1>Your bank</h1><p>Enter the code from the text message.</p>
<input aria-label="Code"><button>Confirm</button>"""


@dataclass
class MockedPayment:
    """The payment of an order with ``upi_flows``. ``fields`` changes what the next poll returns.

    ``order_fields`` are further fields of the order.
    """

    api_url: str
    order: dict[str, Any]
    upi_flows: list[str] | None = field(default_factory=lambda: ["collect", "intent", "qr"])
    order_fields: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    refusals: list[dict[str, str]] = field(default_factory=list)
    exposes_clock: bool = True
    is_open: bool = False
    method: str = "upi"
    polls: int = 0

    def over(self, page: Page) -> None:
        """Mock the routes of ``page``."""
        page.route("**/orders/*/public*", self._answer_order)
        page.route("**/payments/public", self._answer_post)
        page.route("**/payments/pay_*/public", self._answer_poll)
        page.route("**/qr.svg", lambda route: route.fulfill(body=QR_CODE, content_type="image/svg+xml"))
        page.context.route("**/simulator/**", _answer_page)  # also in new tabs
        page.context.route(f"{BANK}/**", _answer_page)

    def ask_for_upi(self, *, lasts_s: float = 300, **more: Any) -> None:
        """From now on, the buyer has to approve the payment in a UPI app."""
        urls = {"link": LINK, "qr_svg_url": f"{self.api_url}/qr.svg"}
        self._ask({"type": "upi", **urls, **more}, lasts_s)

    def ask_for_authentication(
        self, *, url: str = f"{BANK}/acs", embeddable: bool = True, lasts_s: float = 300
    ) -> None:
        """From now on, the buyer has to authenticate on the bank's page."""
        self._ask({"type": "redirect", "url": url, "embeddable": embeddable}, lasts_s)

    def settle(self, status: str, **fields: Any) -> None:
        """Set the outcome."""
        self.fields = {"status": status, **fields}

    def _ask(self, action: dict[str, Any], lasts_s: float) -> None:
        expires_at = (datetime.now(UTC) + timedelta(seconds=lasts_s)).isoformat()
        self.fields = {"next_action": {**action, "expires_at": expires_at}}

    def _answer_order(self, route: Route) -> None:
        body = {**self.order, "merchant": {"name": "Blue Tea"}, **self.order_fields}
        if self.upi_flows is not None:
            body["upi_flows"] = self.upi_flows
        if self.is_open:
            body["payment_id"] = PAYMENT_ID
        if self.is_open and self.fields.get("status") == "success":
            body["status"] = "paid"
        self._fulfill(route, 200, body)

    def _answer_post(self, route: Route) -> None:
        if route.request.method == "OPTIONS":
            route.continue_()
        elif self.refusals:
            self._fulfill(route, 400, {"error": {"code": "BAD_REQUEST_ERROR", **self.refusals.pop(0)}})
        else:
            self.is_open = True
            self.method = (route.request.post_data_json or {})["method"]
            self._fulfill(route, 201, self._body)

    def _answer_poll(self, route: Route) -> None:
        self.polls += 1
        self._fulfill(route, 200, self._body)

    @property
    def _body(self) -> dict[str, Any]:
        of_order = {name: self.order[name] for name in ("amount", "currency")}
        start = {"id": PAYMENT_ID, "order_id": self.order["id"], "method": self.method, "status": "pending"}
        return {**start, **of_order, **self.fields}

    def _fulfill(self, route: Route, status: int, body: dict[str, Any]) -> None:
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Date": format_datetime(datetime.now(UTC), usegmt=True),
        }
        if self.exposes_clock:
            headers["Access-Control-Expose-Headers"] = "Date"
        route.fulfill(status=status, json=body, headers=headers)


def _answer_page(route: Route) -> None:
    if urlsplit(route.request.url).path.endswith("favicon.ico"):
        route.fulfill(status=204)
        return
    route.fulfill(body=BANK_PAGE, content_type="text/html")
