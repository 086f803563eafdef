"""``GET /orders``, ``/payments``, ``/refunds`` and ``/stats``."""

import pytest

from chalicelib.domain.payment import DisplayStatus
from tests.api.client import Api, Json, assert_bad_request, card, shown
from tests.cloud import START, Cloud
from tests.e2e.api import as_listed
from tests.rounds import MAX_PAGES, rounds

LISTS = ("orders", "payments", "refunds")
EMPTY = {"data": [], "total": 0, "total_is_minimum": False, "limit": 10, "offset": 0, "next_cursor": None}


@pytest.fixture(scope="module")
def shops() -> list[Api]:
    return []


@pytest.fixture
def shop(cloud: Cloud, merchant: Api, shops: list[Api]) -> Api:
    """A merchant with some history, shared because the tests only read it."""
    if not shops:
        trade(cloud, merchant)
        shops.append(merchant)
    cloud.time.move_to(START)
    return shops[0]


def trade(cloud: Cloud, merchant: Api) -> None:
    """Create five payments one second apart, the first declined, the last by card, and four refunds."""
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
def test_a_list_contains_the_full_objects_newest_first(shop: Api, name: str, count: int):
    page = shown(shop.get(f"/{name}"))
    assert {**page, "data": []} == {**EMPTY, "total": count}
    assert [line["created_at"] for line in page["data"]] == sorted(
        (line["created_at"] for line in page["data"]), reverse=True
    )
    assert len(page["data"]) == count
    for line in page["data"]:
        assert line == as_listed(shown(shop.get(f"/{name}/{line['id']}")))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_offset_and_cursor_pages_contain_the_whole_list(shop: Api, name: str, limit: int):
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
def test_a_filter_returns_and_counts_the_matching_objects(shop: Api, query: str, count: int):
    page = shown(shop.get(f"/{query}"))
    asked = dict(pair.split("=") for pair in query.partition("?")[2].split("&"))
    assert (len(page["data"]), page["total"]) == (count, count)
    assert all(line[name] == value for line in page["data"] for name, value in asked.items())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("payments?vpa=buyer@bank", 4),
        ("payments?vpa=buyer@ban", 0),
        ("payments?card_last4=1111", 1),
        ("payments?card_last4=1112", 0),
        ("payments?amount=50000", 5),
        ("payments?amount=50000&method=card", 1),
        ("payments?amount=49999", 0),
        ("payments?display_status=failed", 1),
        ("payments?display_status=success", 0),
        ("payments?display_status=partially_refunded&vpa=buyer@bank", 3),
        ("payments?display_status=captured", 0),
        ("payments?display_status=pending", 0),
        ("payments?display_status=refunded", 0),
        ("payments?display_status=voided", 0),
        ("orders?receipt=none", 0),
    ],
)
def test_a_search_is_not_counted(shop: Api, query: str, count: int):
    page = shown(shop.get(f"/{query}"))
    assert (len(page["data"]), page["total"], page["next_cursor"]) == (count, None, None)


def test_orders_can_be_found_by_receipt(merchant: Api):
    ids = [merchant.order(receipt=receipt)["id"] for receipt in ("R 1", "R 2", "R 1", None)]
    assert sorted(order["id"] for order in listed(merchant, "/orders?receipt=R%201")) == sorted(
        [ids[0], ids[2]]
    )
    assert listed(merchant, "/orders?receipt=R") == []


def test_payments_can_be_filtered_by_order(shop: Api):
    newest = listed(shop, "/payments")[0]
    page = shown(shop.get(f"/payments?order_id={newest['order_id']}"))
    assert page == {**EMPTY, "data": [newest], "total": None}
    assert listed(shop, f"/payments?order_id={newest['order_id']}&status=failed") == []


@pytest.mark.parametrize("name", ["refunds", "webhooks"])
def test_refunds_and_webhooks_can_be_filtered_by_payment(shop: Api, stranger: Api, name: str):
    everything = listed(shop, f"/{name}?limit=100")
    for payment in listed(shop, "/payments"):
        page = shown(shop.get(f"/{name}?payment_id={payment['id']}"))
        assert page["total"] is None
        ids = [line["id"] for line in page["data"]]
        assert ids == [line["id"] for line in everything if line["id"] in ids]
        assert len(ids) == (0 if name == "webhooks" or payment["status"] == "failed" else 1)
        assert listed(stranger, f"/{name}?payment_id={payment['id']}") == []


@pytest.mark.parametrize("name", LISTS)
def test_a_time_range_includes_its_start_and_excludes_its_end(shop: Api, name: str):
    times = [line["created_at"] for line in listed(shop, f"/{name}")]
    newest, oldest = times[0], times[-1]
    page = shown(shop.get(f"/{name}?from={oldest}&to={newest}"))
    assert page["total"] is None
    assert [line["created_at"] for line in page["data"]] == times[1:]
    assert [line["created_at"] for line in listed(shop, f"/{name}?from={newest}")] == times[:1]
    assert listed(shop, f"/{name}?to={oldest}") == []
    in_india = "2026-03-14T20:39:26%2B05:30"
    assert listed(shop, f"/{name}?from={in_india}") == listed(shop, f"/{name}")


def test_the_next_page_of_a_time_range_stays_in_it(shop: Api):
    times = [line["created_at"] for line in listed(shop, "/payments")]
    span = f"from={times[3]}&to={times[0]}"
    first = shown(shop.get(f"/payments?limit=2&{span}"))
    assert [line["created_at"] for line in first["data"]] == times[1:3]
    rest = shown(shop.get(f"/payments?limit=2&{span}&cursor={first['next_cursor']}"))
    assert [line["created_at"] for line in rest["data"]] == times[3:4]
    assert rest["next_cursor"] is None


def test_a_cursor_of_another_time_range_does_not_leave_this_one(shop: Api):
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
def test_an_invalid_time_bound_is_rejected(merchant: Api, bound: str, moment: str):
    expected = f"{bound} must be an ISO-8601 time with its offset, like 2026-03-14T15:09:26Z"
    assert_bad_request(merchant.get(f"/payments?{bound}={moment}"), expected, bound)


@pytest.mark.parametrize(
    "query",
    [
        "payments?order_id=",
        "payments?vpa=",
        "orders?receipt=",
        "refunds?payment_id=",
        "webhooks?payment_id=",
        "events?after=",
    ],
)
def test_an_empty_text_filter_is_rejected(merchant: Api, query: str):
    field = query.partition("?")[2].partition("=")[0]
    assert_bad_request(merchant.get(f"/{query}"), f"{field} must not be empty", field)


@pytest.mark.parametrize("name", LISTS)
def test_a_merchant_can_list_only_its_own_objects(shop: Api, stranger: Api, name: str):
    assert listed(shop, f"/{name}")
    assert shown(stranger.get(f"/{name}")) == EMPTY


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("payments?status=", "status must be one of pending, success, failed"),
        ("payments?status=processed", "status must be one of pending, success, failed"),
        ("payments?method=UPI", "method must be one of upi, card"),
        (
            "payments?display_status=done",
            f"display_status must be one of {', '.join(DisplayStatus)}",
        ),
        ("payments?card_last4=", "card_last4 must be the last four digits of a card number"),
        ("payments?card_last4=4111111111111111", "card_last4 must be the last four digits of a card number"),
        ("payments?amount=", "amount must be an integer from 1 to 9007199254740991"),
        ("payments?amount=500.00", "amount must be an integer from 1 to 9007199254740991"),
        ("refunds?status=success", "status must be one of pending, processed, failed"),
        ("webhooks?status=done", "status must be one of pending, success, failed"),
    ],
)
def test_an_invalid_filter_value_is_rejected(merchant: Api, query: str, description: str):
    field = query.partition("?")[2].partition("=")[0]
    assert_bad_request(merchant.get(f"/{query}"), description, field)


def test_an_unknown_filter_is_ignored(shop: Api):
    assert listed(shop, "/orders?status=failed&colour=red") == listed(shop, "/orders")


def figures(*, count: int, success: int, failed: int, volume: int) -> Json:
    rate = success / (success + failed)
    shown = {"INR": volume} if volume else {}
    return {"count": count, "success": success, "failed": failed, "success_rate": rate, "volume": shown}


def test_the_statistics_match_the_payments(shop: Api):
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


def test_a_day_without_payments_has_zero_figures(merchant: Api):
    nothing: Json = {"count": 0, "success": 0, "failed": 0, "success_rate": None, "volume": {}}
    day = {**nothing, "by_method": {"upi": nothing, "card": nothing}}
    stats = shown(merchant.get("/stats?days=2"))
    assert stats == {
        "totals": day,
        "days": [{**day, "date": "2026-03-13"}, {**day, "date": "2026-03-14"}],
    }


@pytest.mark.parametrize("days", ["0", "91", "-1", "", "1.0", "week", "٣", "9" * 5_000])
def test_days_must_be_an_integer_from_1_to_90(merchant: Api, days: str):
    response = merchant.get(f"/stats?days={days}")
    assert_bad_request(response, "days must be an integer from 1 to 90", "days")
