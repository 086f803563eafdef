"""Deep pages of a list of 2,600 rows: their rows, their cursor and their read cost."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from chalice.test import Client
from moto.dynamodb.models.dynamo_type import DynamoType

import app
from chalicelib.api.queries import MAX_OFFSET
from chalicelib.store.lists import MAX_FILTERED_OUT
from tests.api.client import Api, Json, shown
from tests.api.conftest import take_in
from tests.cloud import START, Cloud, moto_backend
from tests.cloud import cloud as new_cloud

pytestmark = pytest.mark.usefixtures("no_test_clocks")

ROWS = 2_600
ONE_FAILED_OF = 4
MAX_TOTAL_REQUESTS = 3  # for the total of a page: a request reads up to 1,000 rows of the index
BEYOND_LAST_OFFSET = [MAX_OFFSET + 1, 999_999, 2**53 - 1]  # beyond the last offset that the API reads


@dataclass(frozen=True)
class Deep:
    """A merchant with ROWS orders, and ROWS payments of one order. Ids are newest first."""

    merchant: Api
    orders: list[str]
    payments: list[str]
    order_id: str

    @property
    def failed(self) -> list[str]:
        return self.payments[::ONE_FAILED_OF]


@pytest.fixture(scope="module")
def made() -> list[Deep]:
    return []


@pytest.fixture
def deep(cloud: Cloud, merchant: Api, made: list[Deep]) -> Deep:
    """Created once, because the tests only read it."""
    if not made:
        made.append(grow(cloud, merchant))
    return made[0]


def grow(cloud: Cloud, merchant: Api) -> Deep:
    payment, tables = merchant.payment(), cloud.gateway.settings.tables
    orders = multiply(cloud, tables.orders, payment["order_id"])
    payments = multiply(cloud, tables.payments, payment["id"])
    return Deep(merchant, orders, payments, payment["order_id"])


def multiply(cloud: Cloud, table_name: str, id_: str) -> list[str]:
    """Copy a row at one-second intervals up to ROWS rows and return their ids, newest first.

    Writes directly to moto's table, because writing through its API would take most of the test time.
    """
    table = moto_backend("dynamodb").get_table(table_name)
    row = table.items.pop(DynamoType({"S": id_})).to_json()["Attributes"]
    ids = [f"{id_}_{number:04}" for number in range(ROWS)]
    for number, new_id in enumerate(ids):
        table.put_item(row | _changed_attributes(cloud, row, new_id, number))
    return ids[::-1]


def _changed_attributes(cloud: Cloud, row: Json, new_id: str, number: int) -> Json:
    """The attributes of a copy that differ. Every fourth payment, starting with the newest, has failed."""
    created_at = START + timedelta(seconds=number)
    keys = cloud.gateway.orders.orders._lists.keys(row["merchant_id"]["S"], new_id, created_at)
    own = {"id": new_id, "created_at": f"{created_at:%Y-%m-%dT%H:%M:%S.%f}+0000", **keys}
    if "vpa" in row:
        own["status"] = "success" if (ROWS - 1 - number) % ONE_FAILED_OF else "failed"
    return {name: {"S": value} for name, value in own.items()}


def page(deep: Deep, query: str) -> tuple[list[str], Json]:
    body = shown(deep.merchant.get(f"/{query}"))
    return [line["id"] for line in body["data"]], body


@pytest.mark.parametrize("offset", [2_000, 2_599])
def test_a_page_has_the_rows_at_its_offset_and_a_cursor_to_the_next_rows(deep: Deep, offset: int):
    ids, body = page(deep, f"orders?limit=100&offset={offset}")
    assert ids == deep.orders[offset : offset + 100]
    assert (body["total"], body["offset"]) == (ROWS, offset)
    rest = deep.orders[offset + 100 : offset + 200]
    assert bool(body["next_cursor"]) is bool(rest)
    if rest:
        assert page(deep, f"orders?limit=100&cursor={body['next_cursor']}")[0] == rest


def test_a_filtered_page_may_be_short_and_its_cursors_lead_to_the_remaining_rows(deep: Deep):
    found, pages = follow(deep, "payments?status=failed&limit=100", offset=500)
    assert found == deep.failed[500:]
    assert pages <= 2 + len(found) // 100 + ROWS // MAX_FILTERED_OUT


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("orders?", ROWS),
        ("payments?status=failed&", ROWS // ONE_FAILED_OF),
        ("payments?order_id=order_1&", None),
        ("payments?from=2026-03-14T00:00:00Z&", None),
        ("refunds?", 0),
        ("webhooks?", 0),
    ],
)
def test_a_page_beyond_the_last_offset_is_empty_and_reads_no_rows(
    deep: Deep, aws_requests: list[str], query: str, total: int | None
):
    page(deep, "orders?limit=1")  # caches the merchant
    aws_requests.clear()
    for offset in BEYOND_LAST_OFFSET:
        _, body = page(deep, f"{query}offset={offset}")
        assert body == {
            "data": [],
            "total": total,
            "total_is_minimum": False,
            "limit": 10,
            "offset": offset,
            "next_cursor": None,
        }
    totals = 0 if total is None else len(BEYOND_LAST_OFFSET)
    assert totals <= len(aws_requests) <= totals * MAX_TOTAL_REQUESTS


def test_a_deep_page_reads_only_the_rows_up_to_its_end(deep: Deep, aws_requests: list[str]):
    """A query reads up to 1 MB, which is more than half of these orders."""
    page(deep, "orders?limit=1")
    aws_requests.clear()
    ids, body = page(deep, f"orders?limit=100&offset={MAX_OFFSET}")
    assert (ids, body["total"], body["next_cursor"]) == ([], ROWS, None)
    assert 2 <= len(aws_requests) <= 3 + MAX_TOTAL_REQUESTS


def test_pages_of_a_sharded_list_have_the_rows_at_their_offset(
    password_hash: str, monkeypatch: pytest.MonkeyPatch
):
    with new_cloud(LIST_SHARDS="3") as cloud:
        monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
        deep = grow(cloud, take_in(cloud, Client(app.app).http, password_hash))
        ids, body = page(deep, "orders?limit=100&offset=2000")
        assert ids == deep.orders[2_000:2_100]
        assert page(deep, f"orders?limit=100&cursor={body['next_cursor']}")[0] == deep.orders[2_100:2_200]


def follow(deep: Deep, query: str, *, offset: int) -> tuple[list[str], int]:
    """The ids on all pages starting at ``offset``, and the number of pages."""
    found, body = page(deep, f"{query}&offset={offset}")
    pages = 1
    while body["next_cursor"]:
        ids, body = page(deep, f"{query}&cursor={body['next_cursor']}")
        found, pages = found + ids, pages + 1
    assert body["total"] == len(deep.failed)
    return found, pages


def test_a_search_says_back_to_which_time_it_searched(deep: Deep):
    """No receipt matches: two pages are empty, and the third one ends the list."""
    _, body = page(deep, "orders?receipt=none&limit=20")
    times = []
    while body["next_cursor"]:
        assert body["data"] == []
        times.append(body["searched_until"])
        _, rest = page(deep, f"orders?receipt=none&limit=20&cursor={body['next_cursor']}")
        last, _ = page(deep, f"orders?to={times[-1]}&limit=1")
        assert last == [deep.orders[len(times) * MAX_FILTERED_OUT]], (
            "the page must include the item of this time"
        )
        body = rest
    assert len(times) == ROWS // MAX_FILTERED_OUT
    for complete in (body, page(deep, "orders?limit=20")[1]):
        assert "searched_until" not in complete
