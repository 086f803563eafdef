"""Limits on the bytes and requests of the first and second view of each site."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.dashboard import SCREENS, Dashboard
from tests.browser.watch import Watch
from tests.e2e.api import Api

KB = 1024
POLL_MS, MAX_POLLS = 20, 1_000
ENDPOINTS = "/api/v1/webhooks/endpoints"
# Measured, with 300 bytes of headers for each request: 51,792 and 18,641.
DASHBOARD_BYTES, DASHBOARD_REQUESTS = 54 * KB, 10
CHECKOUT_BYTES, CHECKOUT_REQUESTS = 19 * KB, 5
# What each screen requests from the API, apart from the banner's endpoints a second later.
API_REQUESTS = {
    "/dashboard": {"/api/v1/stats", "/api/v1/payments"},
    "/dashboard/start": {"/api/v1/payments", "/api/v1/webhooks", ENDPOINTS, "/api/v1/webhooks/config"},
    "/dashboard/transactions": {"/api/v1/payments"},
    "/dashboard/orders": {"/api/v1/orders"},
    "/dashboard/refunds": {"/api/v1/refunds"},
    "/dashboard/search": set(),
    "/dashboard/webhooks": {"/api/v1/webhooks", ENDPOINTS, "/api/v1/webhooks/config"},
    "/dashboard/events": set(),
    "/dashboard/requests": {"/api/v1/requests"},
    "/dashboard/keys": {"/api/v1/merchants/me"},
    "/dashboard/debugger": {"/api/v1/webhooks/config", "/health"},
    "/dashboard/operations": {"/health", "/api/v1/test/jobs/status", "/api/v1/test/clock"},
    "/dashboard/account": {"/api/v1/merchants/me"},
    "/dashboard/docs": {"/api/v1/openapi.json"},
}


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
    for most_bytes, most_requests in ((CHECKOUT_BYTES, CHECKOUT_REQUESTS), (4 * KB, 1)):
        page.goto(f"{gateway.checkout_url}/checkout?order_id={merchant.order()['id']}")
        expect(page.get_by_test_id("order-amount")).not_to_be_empty()
        size, requests = transferred(page, gateway.checkout_url)
        print(f"checkout: {size} bytes in {requests} requests")  # noqa: T201
        assert size <= most_bytes
        assert requests <= most_requests


def test_each_screen_sends_all_its_requests_at_once_and_none_twice(gateway, signed_in):
    page, held = signed_in.page, list[Route]()
    page.route(f"{gateway.api_url}/**", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    signed_in.open("/dashboard/events")
    assert list(API_REQUESTS) == list(SCREENS)
    for screen, expected in API_REQUESTS.items():
        signed_in.go(screen)
        expect(page.locator("nav [aria-current=page]")).to_have_attribute("href", screen)
        expect(page.locator("main h1")).to_be_visible()
        for _ in range(MAX_POLLS):
            if expected <= {path_of(route) for route in held}:
                break
            page.wait_for_timeout(POLL_MS)
        before_any_response = [path_of(route) for route in held]
        for route in held:
            route.continue_()
        sent = len(held)
        expect(page.locator(".loading")).to_have_count(0)
        banner = {ENDPOINTS} - expected
        assert sorted(set(before_any_response) - banner) == sorted(expected), screen
        assert len(before_any_response) <= len(expected | banner), screen
        assert {path_of(route) for route in held[sent:]} <= expected | banner, screen
        for route in held[sent:]:
            route.continue_()
        held.clear()


def path_of(route: Route) -> str:
    return urlsplit(route.request.url).path.removeprefix("/gateway")
