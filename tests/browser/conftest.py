"""A real browser with the stack of `tests.stack`. `Watch` checks the traffic of every test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.gateway import LocalGateway
from infra.local.receiver import Receiver
from infra.project import BUILD_DIR
from tests.browser.buyer import Buyer
from tests.browser.chromium import launch
from tests.browser.dashboard import Dashboard
from tests.browser.merchant_site import MerchantSite
from tests.browser.mocked_payment import MockedPayment
from tests.browser.shop_page import ShopPage, key_of, shop_html
from tests.browser.watch import Watch
from tests.e2e.api import Api, Json

SCREENSHOTS = BUILD_DIR / "screenshots"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
MAX_WAIT_MS = 60_000  # for a busy machine; a passing test waits less
# The page polls the payment every 2 s. One test waits that long; the others poll every 200 ms.
FAST_POLLING = """
const wait = setTimeout;
globalThis.setTimeout = (call, delay, ...rest) => wait(call, delay === 2000 ? 200 : delay, ...rest);
"""

Shoot = Callable[[Page, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test-id")
        expect.set_options(timeout=MAX_WAIT_MS)
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Iterator[MerchantSite]:
    """A merchant's website."""
    with MerchantSite() as site:
        yield site


@pytest.fixture
def watch(gateway: LocalGateway, site: MerchantSite) -> Watch:
    urls = (gateway.api_url, gateway.checkout_url, gateway.dashboard_url, site.url, site.other_url)
    own = {urlsplit(url).netloc for url in urls}
    return Watch(frozenset(own))


@pytest.fixture
def new_context(browser: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """A function that opens a browser context with options; checks all contexts after the test."""
    opened: list[BrowserContext] = []

    def open_context(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-IN", **options})  # type: ignore[arg-type]
        context.set_default_timeout(MAX_WAIT_MS)
        context.add_init_script(FAST_POLLING)
        watch.over(context)
        opened.append(context)
        return context

    yield open_context
    try:
        for context in opened:
            watch.require_clean(context)
    finally:
        for context in opened:
            _close(context)


def _close(context: BrowserContext) -> None:
    """Remove the routes first: a page may poll at any time, and a handler fails if its page is closed."""
    for page in context.pages:
        page.unroute_all(behavior="ignoreErrors")
    context.unroute_all(behavior="ignoreErrors")
    context.close()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def checkout(gateway: LocalGateway, page: Page, merchant: Api) -> Buyer:
    """The checkout page of a new order, opened without the SDK."""
    page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
    return Buyer(page)


@pytest.fixture
def order(merchant: Api) -> Json:
    """A new order."""
    return merchant.order()


@pytest.fixture
def address(gateway: LocalGateway, order: Json) -> str:
    """The address of the checkout page of that order."""
    return f"{gateway.checkout_url}/checkout?order_id={order['id']}"


@pytest.fixture
def payment(gateway: LocalGateway, order: Json, page: Page) -> MockedPayment:
    """The payment of that order, mocked for the page."""
    payment = MockedPayment(gateway.api_url, order)
    payment.over(page)
    return payment


@pytest.fixture
def options(merchant: Api, order: Json) -> Json:
    """The SDK options for that order."""
    return {"key": key_of(merchant), "orderId": order["id"]}


@pytest.fixture
def shop(gateway: LocalGateway, site: MerchantSite, page: Page, options: Json) -> ShopPage:
    """The merchant's page with the SDK and the order."""
    page.goto(site.put("/", shop_html(gateway.checkout_url, **options)))
    return ShopPage(page)


@pytest.fixture
def receiver(merchant: Api) -> Iterator[Receiver]:
    """The receiver of the merchant's webhooks."""
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        yield receiver


@pytest.fixture
def dashboard(gateway: LocalGateway, page: Page, merchant: Api) -> Dashboard:
    """The merchant's dashboard, before signing in."""
    return Dashboard(page, gateway.dashboard_url, merchant)


@pytest.fixture(scope="session")
def shoot() -> Shoot:
    """A function that saves a screenshot of a page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take
