"""Lists and statistics, as used by the dashboard."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.in_process import InProcessApi
from tests.e2e.api import UPI, Api, Json, as_listed, assert_error, card

pytestmark = pytest.mark.contract("5")
PAGE = {"data", "total", "total_is_minimum", "limit", "offset", "next_cursor"}
LISTS = ("orders", "payments", "refunds")


@pytest.fixture(scope="module")
def merchant(new_merchant) -> Api:
    """One for all tests, because no test depends on the objects of another."""
    made: Api = new_merchant()
    return made


@pytest.fixture(scope="module")
def shop(new_merchant) -> InProcessApi:
    """A merchant with three UPI payments, one of them failed, one card payment and three refunds."""
    merchant: InProcessApi = new_merchant()
    instruments: list[Json] = [UPI, UPI, {"method": "upi", "vpa": "failure@bank"}, card()]
    payments = [merchant.payment(**instrument) for instrument in instruments]
    for payment in payments:
        merchant.settled(payment["id"])
    for amount in (100, 200, 300):
        merchant.refund(payments[0]["id"], amount)
    merchant.run()
    return merchant


def shown(merchant: Api, path: str) -> Json:
    response = merchant.get(path)
    assert response.status_code == 200, response.text
    page: Json = response.json()
    return page


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param("orders", 4, marks=pytest.mark.contract("5", "GET /orders", "GET /orders/{order_id}")),
        pytest.param(
            "payments", 4, marks=pytest.mark.contract("5", "GET /payments", "GET /payments/{payment_id}")
        ),
        pytest.param(
            "refunds", 3, marks=pytest.mark.contract("5", "GET /refunds", "GET /refunds/{refund_id}")
        ),
    ],
)
def test_a_list_contains_the_full_objects_newest_first(shop, name, count):
    page = shown(shop, f"/{name}")
    assert page == {
        "data": page["data"],
        "total": count,
        "total_is_minimum": False,
        "limit": 10,
        "offset": 0,
        "next_cursor": None,
    }
    assert len(page["data"]) == count
    times = [line["created_at"] for line in page["data"]]
    assert times == sorted(times, reverse=True)
    for line in page["data"]:
        assert line == as_listed(shown(shop, f"/{name}/{line['id']}"))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_offset_and_cursor_pages_contain_the_whole_list(shop, name, limit):
    whole = shown(shop, f"/{name}?limit=100")["data"]
    by_offset: list[Json] = []
    for offset in range(0, len(whole), limit):
        page = shown(shop, f"/{name}?limit={limit}&offset={offset}")
        assert set(page) == PAGE
        assert (page["total"], page["limit"], page["offset"]) == (len(whole), limit, offset)
        by_offset += page["data"]
    assert by_offset == whole
    assert shop.pages(f"/{name}", f"limit={limit}") == whole


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("payments?status=success", 3),
        ("payments?status=failed", 1),
        ("payments?status=pending", 0),
        ("payments?method=upi", 3),
        ("payments?method=card", 1),
        ("payments?method=upi&status=success", 2),
        ("refunds?status=processed", 3),
        ("refunds?status=failed", 0),
    ],
)
def test_a_filter_returns_and_counts_the_matching_objects(shop, query, count):
    page = shown(shop, f"/{query}")
    assert (len(page["data"]), page["total"], page["next_cursor"]) == (count, count, None)
    asked = dict(pair.split("=") for pair in query.partition("?")[2].split("&"))
    for line in page["data"]:
        assert {name: line[name] for name in asked} == asked


@pytest.mark.parametrize("name", LISTS)
def test_the_page_of_a_merchant_without_objects_is_empty(merchant, name):
    empty = {"data": [], "total": 0, "total_is_minimum": False, "limit": 10, "offset": 0, "next_cursor": None}
    assert shown(merchant, f"/{name}") == empty


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("limit=0", "limit must be an integer from 1 to 100"),
        ("limit=101", "limit must be an integer from 1 to 100"),
        ("limit=", "limit must be an integer from 1 to 100"),
        ("limit=1.5", "limit must be an integer from 1 to 100"),
        ("offset=-1", "offset must be an integer from 0 to 9007199254740991"),
        ("offset=1e3", "offset must be an integer from 0 to 9007199254740991"),
        ("cursor=nonsense!", "cursor is not valid"),
    ],
)
def test_invalid_page_parameters_are_rejected(merchant, name, query, description):
    field = query.partition("=")[0]
    assert_error(merchant.get(f"/{name}?{query}"), 400, "BAD_REQUEST_ERROR", description, field)


@pytest.mark.contract("3", "BAD_REQUEST_ERROR")
@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("payments?status=done", "status must be one of pending, success, failed"),
        ("payments?method=cash", "method must be one of upi, card"),
        ("refunds?status=success", "status must be one of pending, processed, failed"),
    ],
)
def test_an_invalid_filter_value_is_rejected(merchant, query, description):
    assert_error(merchant.get(f"/{query}"), 400, "BAD_REQUEST_ERROR", description)


@pytest.mark.contract("5", "GET /stats")
def test_the_statistics_match_the_payments_and_refunds(shop):
    stats = shown(shop, "/stats")
    assert set(stats) == {"totals", "days"}
    upi = figures(count=3, success=2, failed=1, volume=100_000)
    by_card = figures(count=1, success=1, failed=0, volume=50_000)
    assert stats["totals"] == {
        **figures(count=4, success=3, failed=1, volume=150_000),
        "by_method": {"upi": upi, "card": by_card},
    }
    days = {day.pop("date"): day for day in stats["days"]}
    assert len(days) == 30
    assert list(days) == sorted(days)
    [busy] = [day for day in days.values() if day["count"]]
    assert busy == stats["totals"]


def figures(*, count: int, success: int, failed: int, volume: int) -> dict[str, Any]:
    return {
        "count": count,
        "success": success,
        "failed": failed,
        "success_rate": success / (success + failed),
        "volume": {"INR": volume},
    }


@pytest.mark.contract("5", "GET /stats")
@pytest.mark.parametrize("count", [1, 7, 90])
def test_the_statistics_have_the_requested_number_of_days_up_to_today(merchant, count):
    days = shown(merchant, f"/stats?days={count}")["days"]
    last = datetime.fromisoformat(days[-1]["date"]).replace(tzinfo=UTC)
    assert datetime.now(UTC) - last < timedelta(days=1, minutes=1)
    dates = [datetime.fromisoformat(day["date"]).date() for day in days]
    assert dates == [dates[0] + timedelta(days=number) for number in range(count)]
    nothing: Json = {"count": 0, "success": 0, "failed": 0, "success_rate": None, "volume": {}}
    for day in days:
        assert {name: day[name] for name in nothing} == nothing
        assert day["by_method"] == {"upi": nothing, "card": nothing}


@pytest.mark.contract("5", "GET /stats")
@pytest.mark.parametrize("days", ["0", "91", "-1", "", "week"])
def test_invalid_days_are_rejected(merchant, days):
    description = "days must be an integer from 1 to 90"
    assert_error(merchant.get(f"/stats?days={days}"), 400, "BAD_REQUEST_ERROR", description, "days")
