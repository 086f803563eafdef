"""The API's answers about payments, held for as long as a test looks at them."""

from playwright.sync_api import Page, Route


def hold_payments(page: Page) -> None:
    """Answer the page's polls that the payment is pending, until ``page.unroute_all()``."""

    page.route("**/payments/pay_*/public", _pending)


def _pending(route: Route) -> None:
    route.fulfill(json={"status": "pending"}, headers={"Access-Control-Allow-Origin": "*"})


def refuse(route: Route, status: int, error: dict[str, str]) -> None:
    """Answer a request, but not its preflight, with an error of the API."""
    if route.request.method == "OPTIONS":
        route.continue_()
        return
    route.fulfill(status=status, json={"error": error}, headers={"Access-Control-Allow-Origin": "*"})
