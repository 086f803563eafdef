"""``GET /summary``: the sums of a merchant's payments, in parts."""

from collections import Counter

import pytest

from chalicelib.services import finance
from tests.api.client import Api, Json, assert_bad_request, card, made, shown
from tests.cloud import START, Cloud
from tests.rounds import MAX_PAGES, rounds


@pytest.fixture(scope="module")
def shops() -> list[Api]:
    return []


@pytest.fixture
def shop(cloud: Cloud, merchant: Api, shops: list[Api]) -> Api:
    """A merchant with payments one second apart, shared because the tests only read it."""
    if not shops:
        trade(cloud, merchant)
        shops.append(merchant)
    cloud.time.move_to(START)
    return shops[0]


def trade(cloud: Cloud, merchant: Api) -> None:
    """Create a failed, two UPI, a reserved, a voided, a dollar and a pending payment, and two refunds."""
    cloud.acquirer.approves = False
    merchant.payment()
    cloud.run(for_s=20)
    cloud.acquirer.approves = True
    paid = []
    for changes in ({}, {}, {"capture": "manual"}, {"capture": "manual"}):
        cloud.time.shift(1)
        paid.append(merchant.payment(**changes)["id"])
    cloud.time.shift(1)
    merchant.payment(order_id=merchant.order(amount=1_234, currency="USD")["id"], **card())
    cloud.run(for_s=20)
    merchant.refund(paid[0], 20_000)
    merchant.refund(paid[1], 50_000)
    shown(merchant.post(f"/payments/{paid[3]}/void"))
    merchant.payment()


INR = {"currency": "INR", "payments": 3, "gross": 150_000, "refunded": 70_000, "net": 80_000}
USD = {"currency": "USD", "payments": 1, "gross": 1_234, "refunded": 0, "net": 1_234}


def parts(merchant: Api, query: str = "") -> list[Json]:
    found: list[Json] = []
    for _ in rounds("the last part has no cursor", at_most=MAX_PAGES):
        cursor = f"&cursor={found[-1]['next_cursor']}" if found else ""
        found.append(shown(merchant.get(f"/summary?{query}{cursor}")))
        if found[-1]["next_cursor"] is None:
            break
    return found


def test_the_sums_are_by_currency(shop: Api):
    oldest = shown(shop.get("/payments?limit=100"))["data"][-1]
    assert shown(shop.get("/summary")) == {
        "data": [INR, USD],
        "rows": 7,
        "until": oldest["created_at"],
        "next_cursor": None,
    }


@pytest.mark.parametrize("rows", [1, 2, 3, 6, 7])
def test_the_parts_add_up_to_the_whole(shop: Api, monkeypatch: pytest.MonkeyPatch, rows: int):
    monkeypatch.setattr(finance, "MAX_SUMMED", rows)
    found = parts(shop)
    added: Counter[tuple[str, str]] = Counter()
    for part in found:
        for one in part["data"]:
            added.update(
                {(one["currency"], name): value for name, value in one.items() if name != "currency"}
            )
    expected = {
        (one["currency"], name): one[name] for one in (INR, USD) for name in one if name != "currency"
    }
    assert added == Counter(expected)
    assert [part["rows"] for part in found[:-1]] == [rows] * (len(found) - 1)
    assert sum(part["rows"] for part in found) == 7
    assert [part["until"] for part in found] == sorted((part["until"] for part in found), reverse=True)


def test_a_period_includes_its_start_and_excludes_its_end(shop: Api):
    times = [line["created_at"] for line in shown(shop.get("/payments?limit=100"))["data"]]
    part = shown(shop.get(f"/summary?from={times[5]}&to={times[1]}"))
    assert (part["data"], part["rows"], part["until"]) == ([INR], 4, times[5])
    nothing = {"data": [], "rows": 0, "until": None, "next_cursor": None}
    assert shown(shop.get(f"/summary?from={times[5]}&to={times[5]}")) == nothing


def test_an_empty_cursor_is_the_start(shop: Api):
    assert shown(shop.get("/summary?cursor=")) == shown(shop.get("/summary"))


def test_the_payments_of_others_are_not_added(shop: Api, stranger: Api):
    assert shown(shop.get("/summary"))["rows"] == 7
    assert shown(stranger.get("/summary"))["rows"] == 0
    assert made(stranger.post("/orders", {"amount": 100}))


@pytest.mark.parametrize("path", ["/summary", "/exports/payments", "/exports/refunds", "/exports/events"])
@pytest.mark.parametrize(
    ("query", "field", "description"),
    [
        ("from=2026-03-15T00:00:00Z&to=2026-03-14T00:00:00Z", "to", "to must not be before from"),
        (
            "from=yesterday",
            "from",
            "from must be an ISO-8601 time with its offset, like 2026-03-14T15:09:26Z",
        ),
        ("cursor=%00", "cursor", "cursor is not valid"),
        ("cursor=KzUgYQ", "cursor", "cursor is not valid"),  # the cursor of a list, with an offset
    ],
)
def test_an_invalid_period_is_rejected(merchant: Api, path: str, query: str, field: str, description: str):
    assert_bad_request(merchant.get(f"{path}?{query}"), description, field)
