"""Limits on the bytes and requests of the first and second view of each site."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard
from tests.browser.watch import Watch
from tests.e2e.api import Api

KB = 1024
# Measured, with 300 bytes of headers for each request: 64,056 and 25,155. Not compressed: 140,818 and 55,195.
DASHBOARD_BYTES, DASHBOARD_REQUESTS = 80 * KB, 42
CHECKOUT_BYTES, CHECKOUT_REQUESTS = 36 * KB, 24


def transferred(page: Page, site: str) -> tuple[int, int]:
    """The transferred bytes and the number of network requests of the page to ``site``."""
    entries = page.evaluate(
        """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map(({ name, transferSize }) => [name, transferSize])"""
    )
    netloc = urlsplit(site).netloc
    sizes = [size for name, size in entries if urlsplit(name).netloc == netloc and size]
    return sum(sizes), len(sizes)


@pytest.fixture
def signed_in(dashboard: Dashboard) -> Dashboard:
    dashboard.keep_session()
    return dashboard


def test_the_dashboards_first_view_is_small_and_its_second_is_one_request(gateway, signed_in, watch: Watch):
    page = signed_in.page
    page.goto(f"{gateway.dashboard_url}/dashboard")
    expect(signed_in.part("total-transactions")).to_be_visible()
    size, requests = transferred(page, gateway.dashboard_url)
    print(f"dashboard: {size} bytes in {requests} requests")  # noqa: T201 - shows the measurement
    assert size <= DASHBOARD_BYTES
    assert requests <= DASHBOARD_REQUESTS
    page.reload()
    expect(signed_in.part("total-transactions")).to_be_visible()
    size, requests = transferred(page, gateway.dashboard_url)
    assert (size < KB, requests) == (True, 1), "only the page may be requested, for revalidation"


def test_the_checkouts_first_view_is_small_and_its_second_is_one_request(gateway, page: Page, merchant: Api):
    for most_bytes, most_requests in ((CHECKOUT_BYTES, CHECKOUT_REQUESTS), (3 * KB, 1)):
        page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
        expect(page.get_by_test_id("order-amount")).not_to_be_empty()
        size, requests = transferred(page, gateway.checkout_url)
        print(f"checkout: {size} bytes in {requests} requests")  # noqa: T201
        assert size <= most_bytes
        assert requests <= most_requests
