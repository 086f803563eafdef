"""Mocked API responses that keep a payment in one state."""

from playwright.sync_api import Page, Route


def hold_payments(page: Page) -> None:
    """Respond to polls with a pending payment until ``page.unroute_all()``."""

    page.route("**/payments/pay_*/public", _pending)


def _pending(route: Route) -> None:
    route.fulfill(json={"status": "pending"}, headers={"Access-Control-Allow-Origin": "*"})


def refuse(route: Route, status: int, error: dict[str, str]) -> None:
    """Respond to a request, except a preflight, with an API error."""
    if route.request.method == "OPTIONS":
        route.continue_()
        return
    route.fulfill(status=status, json={"error": error}, headers={"Access-Control-Allow-Origin": "*"})
