"""``GET /orders``, ``/payments``, ``/refunds`` and ``/stats``."""

import pytest

from tests.api.client import Api, Json, assert_bad_request, card, shown
from tests.cloud import START, Cloud
from tests.rounds import MAX_PAGES, rounds

LISTS = ("orders", "payments", "refunds")
EMPTY = {"data": [], "total": 0, "limit": 10, "offset": 0, "next_cursor": None}


@pytest.fixture(scope="module")
def shops() -> list[Api]:
    return []


@pytest.fixture
def shop(cloud: Cloud, merchant: Api, shops: list[Api]) -> Api:
    """A merchant with some history, the same for all tests: it is only looked at."""
    if not shops:
        trade(cloud, merchant)
        shops.append(merchant)
    cloud.time.move_to(START)
    return shops[0]


def trade(cloud: Cloud, merchant: Api) -> None:
    """Five payments a second apart, declined the first and by card the last, and four refunds."""
    cloud.acquirer.approves = False
    payments = [merchant.payment()]
    cloud.run(for_s=20)
    cloud.acquirer.approves = True
    for instrument in ({}, {}, {}, card()):
        cloud.time.shift(1)
        payments.append(merchant.payment(**instrument))
    cloud.run(for_s=20)
    for payment in payments[1:]:
        cloud.time.shift(1)
        merchant.refund(payment["id"])
    cloud.run()


def listed(merchant: Api, path: str) -> list[Json]:
    lines: list[Json] = shown(merchant.get(path))["data"]
    return lines


@pytest.mark.parametrize(("name", "count"), [("orders", 5), ("payments", 5), ("refunds", 4)])
def test_a_list_shows_each_object_as_it_is_alone_newest_first(shop: Api, name: str, count: int):
    page = shown(shop.get(f"/{name}"))
    assert {**page, "data": []} == {**EMPTY, "total": count}
    assert [line["created_at"] for line in page["data"]] == sorted(
        (line["created_at"] for line in page["data"]), reverse=True
    )
    assert len(page["data"]) == count
    for line in page["data"]:
        assert shown(shop.get(f"/{name}/{line['id']}")) == line


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_by_offset_and_by_cursor_are_the_list(shop: Api, name: str, limit: int):
    whole = listed(shop, f"/{name}?limit=100")
    by_offset = [
        line
        for start in range(0, len(whole), limit)
        for line in listed(shop, f"/{name}?limit={limit}&offset={start}")
    ]
    assert by_offset == whole
    by_cursor: list[Json] = []
    query = f"?limit={limit}"
    for _ in rounds("the last page has no cursor", at_most=MAX_PAGES):
        page = shown(shop.get(f"/{name}{query}"))
        assert len(page["data"]) <= limit
        by_cursor += page["data"]
        query = f"?limit={limit}&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        if not query:
            break
    assert by_cursor == whole


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("payments?status=failed", 1),
        ("payments?status=success", 4),
        ("payments?method=card", 1),
        ("payments?method=upi&status=success", 3),
        ("refunds?status=pending", 4),
        ("refunds?status=processed", 0),
    ],
)
def test_a_filter_shows_what_fits_and_counts_it(shop: Api, query: str, count: int):
    page = shown(shop.get(f"/{query}"))
    asked = dict(pair.split("=") for pair in query.partition("?")[2].split("&"))
    assert (len(page["data"]), page["total"]) == (count, count)
    assert all(line[name] == value for line in page["data"] for name, value in asked.items())


def test_the_payments_of_an_order_are_found_by_it(shop: Api):
    newest = listed(shop, "/payments")[0]
    page = shown(shop.get(f"/payments?order_id={newest['order_id']}"))
    assert page == {**EMPTY, "data": [newest], "total": None}
    assert listed(shop, f"/payments?order_id={newest['order_id']}&status=failed") == []


@pytest.mark.parametrize("name", ["refunds", "webhooks"])
def test_what_came_of_a_payment_is_found_by_it(shop: Api, stranger: Api, name: str):
    everything = listed(shop, f"/{name}?limit=100")
    for payment in listed(shop, "/payments"):
        page = shown(shop.get(f"/{name}?payment_id={payment['id']}"))
        assert page["total"] is None
        ids = [line["id"] for line in page["data"]]
        assert ids == [line["id"] for line in everything if line["id"] in ids]
        assert len(ids) == (0 if name == "webhooks" or payment["status"] == "failed" else 1)
        assert listed(stranger, f"/{name}?payment_id={payment['id']}") == []


@pytest.mark.parametrize("name", LISTS)
def test_a_span_of_time_has_its_beginning_and_not_its_end(shop: Api, name: str):
    times = [line["created_at"] for line in listed(shop, f"/{name}")]
    newest, oldest = times[0], times[-1]
    page = shown(shop.get(f"/{name}?from={oldest}&to={newest}"))
    assert page["total"] is None
    assert [line["created_at"] for line in page["data"]] == times[1:]
    assert [line["created_at"] for line in listed(shop, f"/{name}?from={newest}")] == times[:1]
    assert listed(shop, f"/{name}?to={oldest}") == []
    in_india = "2026-03-14T20:39:26%2B05:30"
    assert listed(shop, f"/{name}?from={in_india}") == listed(shop, f"/{name}")


def test_a_page_within_a_span_goes_on_within_it(shop: Api):
    times = [line["created_at"] for line in listed(shop, "/payments")]
    span = f"from={times[3]}&to={times[0]}"
    first = shown(shop.get(f"/payments?limit=2&{span}"))
    assert [line["created_at"] for line in first["data"]] == times[1:3]
    rest = shown(shop.get(f"/payments?limit=2&{span}&cursor={first['next_cursor']}"))
    assert [line["created_at"] for line in rest["data"]] == times[3:4]
    assert rest["next_cursor"] is None


def test_a_cursor_of_another_span_does_not_leave_this_one(shop: Api):
    whole = shown(shop.get("/payments?limit=1"))
    times = [line["created_at"] for line in listed(shop, "/payments")]
    span = f"from={times[4]}&to={times[3]}"
    page = listed(shop, f"/payments?{span}&cursor={whole['next_cursor']}")
    assert [line["created_at"] for line in page] == times[4:]


@pytest.mark.parametrize("bound", ["from", "to"])
@pytest.mark.parametrize(
    "moment",
    ["", "yesterday", "2026-03-14", "2026-03-14T15:09:26", "1773500966", "0001-01-01T00:00:00%2B23:59"],
)
def test_a_bound_that_is_no_moment_is_refused(merchant: Api, bound: str, moment: str):
    expected = f"{bound} must be an ISO-8601 time with its offset, like 2026-03-14T15:09:26Z"
    assert_bad_request(merchant.get(f"/payments?{bound}={moment}"), expected, bound)


@pytest.mark.parametrize("query", ["payments?order_id=", "refunds?payment_id=", "webhooks?payment_id="])
def test_an_id_to_filter_by_is_not_empty(merchant: Api, query: str):
    field = query.partition("?")[2].partition("=")[0]
    assert_bad_request(merchant.get(f"/{query}"), f"{field} is required", field)


@pytest.mark.parametrize("name", LISTS)
def test_a_merchant_sees_only_its_own(shop: Api, stranger: Api, name: str):
    assert listed(shop, f"/{name}")
    assert shown(stranger.get(f"/{name}")) == EMPTY


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("payments?status=", "status must be one of pending, success, failed"),
        ("payments?status=processed", "status must be one of pending, success, failed"),
        ("payments?method=UPI", "method must be one of upi, card"),
        ("refunds?status=success", "status must be one of pending, processed, failed"),
        ("webhooks?status=done", "status must be one of pending, success, failed"),
    ],
)
def test_a_filter_that_nothing_can_fit_is_refused(merchant: Api, query: str, description: str):
    field = query.partition("?")[2].partition("=")[0]
    assert_bad_request(merchant.get(f"/{query}"), description, field)


def test_a_filter_that_a_list_does_not_have_is_ignored(shop: Api):
    assert listed(shop, "/orders?status=failed&colour=red") == listed(shop, "/orders")


def figures(*, count: int, success: int, failed: int, volume: int) -> Json:
    rate = success / (success + failed)
    shown = {"INR": volume} if volume else {}
    return {"count": count, "success": success, "failed": failed, "success_rate": rate, "volume": shown}


def test_the_figures_are_those_of_the_payments(shop: Api):
    stats = shown(shop.get("/stats"))
    totals = {
        **figures(count=5, success=4, failed=1, volume=200_000),
        "by_method": {
            "upi": figures(count=4, success=3, failed=1, volume=150_000),
            "card": figures(count=1, success=1, failed=0, volume=50_000),
        },
    }
    assert stats["totals"] == totals
    assert len(stats["days"]) == 30
    assert stats["days"][-1] == {**totals, "date": "2026-03-14"}
    assert stats["days"][0]["date"] == "2026-02-13"


def test_a_day_on_which_nothing_happened_says_so(merchant: Api):
    nothing: Json = {"count": 0, "success": 0, "failed": 0, "success_rate": None, "volume": {}}
    day = {**nothing, "by_method": {"upi": nothing, "card": nothing}}
    stats = shown(merchant.get("/stats?days=2"))
    assert stats == {
        "totals": day,
        "days": [{**day, "date": "2026-03-13"}, {**day, "date": "2026-03-14"}],
    }


@pytest.mark.parametrize("days", ["0", "91", "-1", "", "1.0", "week", "٣", "9" * 5_000])
def test_days_are_an_integer_from_1_to_90(merchant: Api, days: str):
    response = merchant.get(f"/stats?days={days}")
    assert_bad_request(response, "days must be an integer from 1 to 90", "days")
