"""Page object of the dashboard."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Locator, Page, expect

from tests.e2e.api import Api
from tests.stack import PASSWORD

SCREENS = (
    "/dashboard",
    "/dashboard/start",
    "/dashboard/transactions",
    "/dashboard/orders",
    "/dashboard/refunds",
    "/dashboard/search",
    "/dashboard/webhooks",
    "/dashboard/events",
    "/dashboard/requests",
    "/dashboard/keys",
    "/dashboard/debugger",
    "/dashboard/operations",
    "/dashboard/account",
    "/dashboard/docs",
)
_NOTHING = "<!doctype html><link rel='icon' href='data:,'>"  # a page without further requests


@dataclass(frozen=True)
class Dashboard:
    """A page of the dashboard; `merchant` is an HTTP client of the same merchant."""

    page: Page
    url: str
    merchant: Api

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def open(self, path: str) -> None:
        """Load a path, as from the address bar."""
        self.page.goto(self.url + path)

    def go(self, path: str) -> None:
        """Navigate within the page, as the browser's back button does."""
        script = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
        self.page.evaluate(script, path)

    def fill_in(self, email: str, password: str = PASSWORD) -> None:
        self.part("email-input").fill(email)
        self.part("password-input").fill(password)
        self.part("login-button").click()

    def sign_in(self, path: str = "/dashboard") -> None:
        """Sign in over HTTP and open a path. Separate tests cover the sign-in form."""
        self.keep_session()
        self.open(path)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def keep_session(self) -> None:
        """Write a session to the dashboard's session storage without loading the dashboard."""
        nothing = f"{self.url}/nothing"
        self.page.route(nothing, lambda route: route.fulfill(body=_NOTHING, content_type="text/html"))
        self.page.goto(nothing)
        script = "session => sessionStorage.setItem('session', session)"
        self.page.evaluate(script, _session(self.merchant.url, self.merchant.email))
        self.page.unroute(nothing)

    def open_payment(self, payment_id: str) -> None:
        self.open(f"/dashboard/transactions?payment={payment_id}")
        expect(self.part("payment-detail")).to_be_visible()

    def step(self, name: str) -> Locator:
        """A step of the open payment's timeline."""
        return self.part("payment-timeline").locator(f"[data-step='{name}']")

    def observe(self, selector: str) -> Callable[[], bool]:
        """Observe the page; the returned function tells whether a matching element has ever existed."""
        script = """selector => {
          const watched = { hasSeen: false };
          new MutationObserver(() => (watched.hasSeen ||= !!document.querySelector(selector)))
            .observe(document.body, { childList: true, subtree: true });
          return watched;
        }"""
        watched = self.page.evaluate_handle(script, selector)
        return lambda: bool(watched.evaluate("watched => watched.hasSeen"))

    def escape(self) -> None:
        """Close the dialog, and wait until it is removed: it would close one that is opened before."""
        self.page.keyboard.press("Escape")
        expect(self.page.locator("dialog")).to_have_count(0)

    def row(self, payment_id: str) -> Locator:
        return self.page.locator(f"[data-test-id=transaction-row][data-payment-id={payment_id}]")


@cache
def _session(url: str, email: str) -> str:
    """Sign in over the API and return the session as JSON."""
    return Api(url).post("/sessions", {"email": email, "password": PASSWORD}).text
