"""The search of the dashboard: the field of every screen, and the page of results."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Shoot
from tests.browser.dashboard import Dashboard
from tests.browser.test_dashboard_accessibility import check
from tests.e2e.api import Api, Json, card, eventually

RECEIPT = "1111"  # also the end of the card, and an amount
NUMBER = "4111111111111111"
LONG_RECEIPT = f"{'रसीद ' * 8}%<b>{'x' * 200}</b>"


@pytest.fixture(scope="module")
def merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()


@pytest.fixture(scope="module")
def history(merchant: Api) -> dict[str, Json]:
    """Two orders with receipts, and payments by card and by UPI, one of them in dollars and refunded."""
    found = {"order": merchant.order(receipt=RECEIPT), "long": merchant.order(receipt=LONG_RECEIPT)}
    found["card"] = merchant.payment(order_id=found["order"]["id"], **card())
    found["upi"] = merchant.payment(vpa="asha@okbank")
    dollars = merchant.order(amount=111_100, currency="USD")
    found["dollars"] = merchant.payment(order_id=dollars["id"], **card())
    for name in ("card", "upi", "dollars"):
        found[name] = merchant.settled(found[name]["id"])
    found["refund"] = merchant.refund(found["dollars"]["id"], 100)
    eventually(lambda: "USD" in merchant.get("/stats").json()["totals"]["volume"])
    return found


@pytest.fixture
def signed_in(dashboard: Dashboard, history: dict[str, Json]) -> Dashboard:
    assert history
    dashboard.keep_session()
    return dashboard


def search(dashboard: Dashboard, text: str) -> None:
    dashboard.part("search-input").fill(text)
    dashboard.part("search-input").press("Enter")


def matches(dashboard: Dashboard, title: str) -> Locator:
    return dashboard.part("matches").filter(has=dashboard.page.get_by_role("heading", name=title, exact=True))


def test_a_text_with_several_meanings_is_searched_in_each(history, signed_in):
    page = signed_in.page
    signed_in.open("/dashboard/keys")
    expect(signed_in.part("search-input")).to_be_visible()
    page.keyboard.press("/")
    expect(signed_in.part("search-input")).to_be_focused()
    page.keyboard.type(f" {RECEIPT} ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/dashboard/search\?q=1111$"))
    expect(signed_in.part("searched")).to_have_text(f"Results for “{RECEIPT}”")
    orders = matches(signed_in, f"Orders with the receipt “{RECEIPT}”")
    expect(orders.get_by_test_id("found-order")).to_have_attribute("data-order-id", history["order"]["id"])
    cards = matches(signed_in, f"Payments with a card that ends with {RECEIPT}").get_by_test_id(
        "found-payment"
    )
    newest_first = [history["dollars"]["id"], history["card"]["id"]]
    expect(cards).to_have_count(2)
    assert [row.get_attribute("data-payment-id") for row in cards.all()] == newest_first
    amounts = matches(signed_in, "Payments of ₹1,111.00 or $1,111.00").get_by_test_id("found-payment")
    expect(amounts).to_have_attribute("data-payment-id", history["dollars"]["id"])
    search(signed_in, "INR 1111")
    expect(matches(signed_in, "Payments of ₹1,111.00").get_by_test_id("search-progress")).to_have_text(
        "No payment found. All payments were searched."
    )
    search(signed_in, "asha@okbank")
    expect(signed_in.part("found-payment")).to_have_attribute("data-payment-id", history["upi"]["id"])
    page.go_back()
    expect(signed_in.part("search-input")).to_have_value("INR 1111")


def test_an_exact_id_opens_its_page_and_an_unknown_one_is_named(history, signed_in, watch):
    watch.forgive("404")
    signed_in.open("/dashboard/search")
    expect(signed_in.part("search-examples")).to_be_visible()
    for kind, payment in (("upi", "upi"), ("refund", "dollars")):
        search(signed_in, history[kind]["id"])
        opened = signed_in.part("payment-detail")
        expect(opened).to_have_attribute("data-payment-id", history[payment]["id"])
    search(signed_in, history["card"]["order_id"])
    expect(signed_in.page).to_have_url(re.compile(f"order={history['card']['order_id']}"))
    search(signed_in, "pay_0000000000000000")
    expect(signed_in.page.get_by_text("No payment has this id")).to_be_visible()
    expect(signed_in.part("search-progress")).to_have_text("No order found. All orders were searched.")
    search(signed_in, "rfnd_123")
    expect(signed_in.part("search-note")).to_contain_text(
        "the id of a refund is rfnd_ and 16 letters or digits"
    )


def test_odd_texts_have_a_clear_result_and_no_request_contains_a_card_number(history, signed_in, watch):
    signed_in.open("/dashboard/transactions")
    search(signed_in, NUMBER)
    warning = "This is a card number. Search by its last four digits instead."
    expect(signed_in.page.get_by_role("alert")).to_have_text(warning)
    expect(signed_in.page).to_have_url(re.compile("/transactions$"))
    sent = len(watch.requests)
    for text, result in (("", "What you can search for"), ("x" * 500, "This text has 500.")):
        search(signed_in, text)
        expect(signed_in.page.locator("main")).to_contain_text(result)
    searching = [request.url for request in watch.requests[sent:] if "receipt" in request.url]
    assert searching == []
    search(signed_in, LONG_RECEIPT)
    expect(signed_in.part("found-order")).to_have_attribute("data-order-id", history["long"]["id"])
    search(signed_in, "100%")
    expect(signed_in.part("search-progress")).to_have_text("No order found. All orders were searched.")


def test_a_long_search_shows_how_far_it_is_and_can_be_stopped_and_continued(history, signed_in):
    page, asked = signed_in.page, list[str]()

    def slowly(route: Route) -> None:
        asked.append(route.request.url)
        headers = {"Access-Control-Allow-Origin": "*"}
        if "cursor=1" in route.request.url and len(asked) == 2:
            return  # no response
        data = [history["order"]] if "cursor=1" in route.request.url else []
        until = {} if data else {"searched_until": "2026-10-03T12:00:00.000Z"}
        route.fulfill(json={"data": data, **until, "next_cursor": None if data else "1"}, headers=headers)

    page.route("**/api/v1/orders?*", slowly)
    signed_in.open("/dashboard/search?q=slow")
    progress = signed_in.part("search-progress")
    expect(progress).to_have_text("0 orders so far. Searched back to 3 Oct 2026 …")
    signed_in.part("stop-search-button").click()
    expect(progress).to_have_text("0 orders so far. Searched back to 3 Oct 2026")
    signed_in.part("continue-search-button").click()
    expect(signed_in.part("found-order")).to_be_visible()
    expect(progress).to_have_text("1 order, all searched")
    page.unroute("**/api/v1/orders?*")


def test_results_are_accessible_and_fit_narrow_screens(signed_in, new_context, shoot: Shoot):
    here = replace(signed_in, page=new_context(reduced_motion="reduce").new_page())
    here.keep_session()
    for name, text in {"several": RECEIPT, "long": LONG_RECEIPT, "nothing": "", "problem": "x" * 500}.items():
        here.open(f"/dashboard/search?q={quote(text)}")
        expect(here.page.locator("main .card").first).to_be_visible()
        expect(here.page.locator("main [aria-busy=true], .loading")).to_have_count(0)
        check(here, shoot, f"search-{name}")
