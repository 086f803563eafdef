"""The dashboard as its merchant uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from playwright.sync_api import Locator, Page, expect

from tests.e2e.api import Api
from tests.stack import PASSWORD

SCREENS = (
    "/dashboard",
    "/dashboard/transactions",
    "/dashboard/refunds",
    "/dashboard/webhooks",
    "/dashboard/keys",
    "/dashboard/debugger",
    "/dashboard/account",
    "/dashboard/docs",
)
_NOTHING = "<!doctype html><link rel='icon' href='data:,'>"  # a page that asks for nothing more


@dataclass(frozen=True)
class Dashboard:
    """A page of it; `merchant` is the same one over HTTP."""

    page: Page
    url: str
    merchant: Api

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def open(self, path: str) -> None:
        """Type an address into the address bar."""
        self.page.goto(self.url + path)

    def go(self, path: str) -> None:
        """Go to an address as the browser's own buttons do, without a new page."""
        script = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
        self.page.evaluate(script, path)

    def fill_in(self, email: str, password: str = PASSWORD) -> None:
        self.part("email-input").fill(email)
        self.part("password-input").fill(password)
        self.part("login-button").click()

    def sign_in(self, path: str = "/dashboard") -> None:
        """Open an address signed in, the session begun over HTTP: its form has tests of its own."""
        self.keep_session()
        self.open(path)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def keep_session(self) -> None:
        """Put a session where the dashboard keeps it, without loading the dashboard."""
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

    def ever_sees(self, selector: str) -> Callable[[], bool]:
        """Watch for such an element, however short it is there; the answer says whether it came."""
        script = """selector => {
          const watched = { hasSeen: false };
          new MutationObserver(() => (watched.hasSeen ||= !!document.querySelector(selector)))
            .observe(document.body, { childList: true, subtree: true });
          return watched;
        }"""
        watched = self.page.evaluate_handle(script, selector)
        return lambda: bool(watched.evaluate("watched => watched.hasSeen"))

    def row(self, payment_id: str) -> Locator:
        return self.page.locator(f"[data-test-id=transaction-row][data-payment-id={payment_id}]")


@cache
def _session(url: str, email: str) -> str:
    """A session of that merchant, as the API tells it."""
    return Api(url).post("/sessions", {"email": email, "password": PASSWORD}).text
