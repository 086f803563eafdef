"""A merchant cannot read or change another merchant's data. Generated from the table of routes."""

from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.queries import PageQuery
from chalicelib.api.route import Route
from tests.api.client import UPI, Api, made, shown
from tests.api.webhooks import set_url
from tests.cloud import Cloud
from tests.security.inbound.api.asking import ENDPOINTS, PRIVATE, in_body, in_path, in_query, send_request
from tests.security.inbound.api.belongings import MerchantObjects, all_rows, rows_of, sign_in

pytestmark = pytest.mark.usefixtures("http")

UNKNOWN = {
    "order_id": "order_0000000000000000",
    "payment_id": "pay_0000000000000000",
    "refund_id": "rfnd_0000000000000000",
    "charge_id": "sim_0000000000000000",
    "log_id": "00000000-0000-4000-8000-000000000000",
    "event_id": "00000000-0000-4000-8000-000000000000",
    "endpoint_id": "we_0000000000000000",
    "request_id": "00000000-0000-4000-8000-000000000000",
    "merchant_id": "00000000-0000-4000-8000-000000000000",
    "name": "unknown",
}
NAMING = [endpoint for endpoint in PRIVATE if in_path(endpoint) or in_body(endpoint)]
NARROWED = [endpoint for endpoint in PRIVATE if in_query(endpoint)]
MOVES_THE_CLOCK = "POST /api/v1/test/clock"  # and waits for the workers: tests/api/test_clock.py
OTHERS = [each for each in PRIVATE if each not in NAMING and each.name != MOVES_THE_CLOCK]
LISTS = [each for each in PRIVATE if each.takes and issubclass(each.takes, PageQuery)]
SHOWING = ["/requests", "/orders", "/payments", "/refunds", "/webhooks", "/webhooks/config", "/merchants/me"]


def each(endpoints: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.name)


def error_of(response: HTTPResponse) -> tuple[int, dict[str, Any], set[str]]:
    """The error, without the values that differ between requests."""
    error = dict(response.json_body["error"])
    assert error.pop("request_id")
    return response.status_code, error, set(response.headers)


def assert_reveals_nothing(response: HTTPResponse, of: MerchantObjects) -> None:
    assert [mark for mark in of.identifiers if mark in response.body.decode()] == []


@each(ENDPOINTS)
def test_every_id_of_a_route_is_tested_here(endpoint: Route):
    named = {*in_path(endpoint), *in_body(endpoint), *in_query(endpoint)}
    assert named <= UNKNOWN.keys(), (
        f"{endpoint.name} names {sorted(named - UNKNOWN.keys())}: add it to `create_objects` and to UNKNOWN"
    )


@each(NAMING)
def test_anothers_object_and_an_unknown_object_have_the_same_error(
    cloud: Cloud, owner: MerchantObjects, stranger: Api, endpoint: Route
):
    before = all_rows(cloud)
    theirs, never = send_request(stranger, endpoint, owner.ids), send_request(stranger, endpoint, UNKNOWN)
    assert theirs.status_code == 404
    assert error_of(theirs) == error_of(never)
    assert all_rows(cloud) == before


@each(NAMING)
def test_the_owner_receives_a_successful_response(other: MerchantObjects, endpoint: Route):
    """Verifies that the requests are valid, and rejected only for the other merchant."""
    created = made(other.api.post("/webhooks/endpoints", {"url": "https://deleted.example/"}))
    ids = {**other.ids, "endpoint_id": created["id"]}  # one that may be deleted
    if endpoint.path.endswith("/void"):
        ids["payment_id"] = other.reserved_payment_id
    assert send_request(other.api, endpoint, ids).status_code in {200, 201}
    other.api.delete(f"/webhooks/endpoints/{created['id']}")


@each(NARROWED)
def test_a_list_filtered_by_anothers_object_is_empty(owner: MerchantObjects, stranger: Api, endpoint: Route):
    for name in in_query(endpoint):
        path = f"{endpoint.path.removeprefix('/api/v1')}?{name}={owner.ids[name]}"
        theirs, own = shown(stranger.get(path)), shown(owner.api.get(path))
        assert (theirs["data"], theirs["total"] or 0, theirs["next_cursor"]) == ([], 0, None)
        assert own["data"], "the owner must find it"


@each(OTHERS)
def test_a_request_without_an_id_reveals_and_changes_nothing_of_another_merchant(
    cloud: Cloud, owner: MerchantObjects, other: MerchantObjects, stranger: Api, endpoint: Route
):
    set_url(other.api)
    before = rows_of(cloud, owner.api)
    response = send_request(sign_in(stranger) if endpoint.session_only else other.api, endpoint, {})
    assert response.status_code in {200, 201}, response.body
    assert_reveals_nothing(response, of=owner)
    assert rows_of(cloud, owner.api) == before


@pytest.mark.parametrize("path", SHOWING)
def test_the_search_finds_a_merchants_own_data(owner: MerchantObjects, path: str):
    text = owner.api.get(path).body.decode()
    assert [mark for mark in owner.identifiers if mark in text]


@each(LISTS)
def test_anothers_cursor_returns_only_the_callers_rows(
    owner: MerchantObjects, other: MerchantObjects, endpoint: Route
):
    path = endpoint.path.removeprefix("/api/v1")
    cursor = shown(owner.api.get(f"{path}?limit=1"))["next_cursor"]
    assert cursor
    page = other.api.get(f"{path}?limit=100&cursor={cursor}")
    own = {line["id"] for line in shown(other.api.get(f"{path}?limit=100"))["data"]}
    assert {line["id"] for line in shown(page)["data"]} <= own
    assert_reveals_nothing(page, of=owner)


@each([endpoint for endpoint in ENDPOINTS if endpoint.idempotent])
def test_anothers_idempotency_key_is_independent(
    owner: MerchantObjects, other: MerchantObjects, endpoint: Route
):
    key = {"Idempotency-Key": "shared"}
    theirs, own = (
        send_request(one.api, endpoint, {**one.ids, "order_id": one.api.order()["id"]}, **key)
        for one in (owner, other)
    )
    assert made(theirs)["id"] != made(own)["id"]
    assert "Idempotent-Replayed" not in own.headers
    assert_reveals_nothing(own, of=owner)
    again = {**other.ids, "order_id": made(own).get("order_id", other.ids["order_id"])}
    assert send_request(other.api, endpoint, again, **key).headers["Idempotent-Replayed"] == "true"


def test_a_merchants_key_is_independent_of_the_buyers_key(merchant: Api):
    bodies = [{"order_id": merchant.order()["id"], **UPI} for _ in range(2)]
    first = merchant.post("/payments", bodies[0], key="k")
    second = merchant.anonymous.post("/payments/public", bodies[1], key="k")
    assert made(first)["id"] != made(second)["id"]


def test_api_credentials_take_precedence_over_anothers_token(
    owner: MerchantObjects, stranger: Api, http: Any
):
    both = Api(http, "", {**stranger.credentials, **owner.session.credentials})
    assert shown(both.get("/merchants/me"))["id"] == stranger.merchant_id
    assert shown(both.delete("/sessions/current"))["status"] == "signed_out"
    assert owner.session.get("/merchants/me").status_code == 401, "a session is ended by its own token"


def test_the_key_of_one_merchant_with_the_secret_of_another_is_rejected(merchant: Api, stranger: Api):
    mixed = {**merchant.credentials, "X-Api-Secret": stranger.credentials["X-Api-Secret"]}
    for asked in ("/merchants/me", "/orders"):
        assert Api(merchant.http, "", mixed).get(asked).status_code == 401
