"""What one merchant may know and do of another's: nothing. Made out of the table of routes."""

from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.route import Route
from tests.api.client import UPI, Api, made, shown
from tests.api.webhooks import set_url
from tests.cloud import Cloud
from tests.security.inbound.api.asking import ENDPOINTS, PRIVATE, ask, in_body, in_path, in_query
from tests.security.inbound.api.belongings import Belongings, all_rows, rows_of, sign_in

pytestmark = pytest.mark.usefixtures("http")

UNKNOWN = {
    "order_id": "order_0000000000000000",
    "payment_id": "pay_0000000000000000",
    "refund_id": "rfnd_0000000000000000",
    "log_id": "00000000-0000-4000-8000-000000000000",
}
NAMING = [endpoint for endpoint in PRIVATE if in_path(endpoint) or in_body(endpoint)]
NARROWED = [endpoint for endpoint in PRIVATE if in_query(endpoint)]
OTHERS = [endpoint for endpoint in PRIVATE if endpoint not in NAMING]
LISTS = [endpoint for endpoint in PRIVATE if "cursor" in getattr(endpoint.takes, "model_fields", {})]
SHOWING = ["/orders", "/payments", "/refunds", "/webhooks", "/webhooks/config", "/merchants/me"]


def each(endpoints: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda endpoint: endpoint.name)


def refusal(response: HTTPResponse) -> tuple[int, dict[str, Any], set[str]]:
    """An error without what differs from one request to the next."""
    error = dict(response.json_body["error"])
    assert error.pop("request_id")
    return response.status_code, error, set(response.headers)


def assert_shows_nothing(response: HTTPResponse, of: Belongings) -> None:
    assert [mark for mark in of.marks if mark in response.body.decode()] == []


@each(ENDPOINTS)
def test_every_object_that_a_route_names_is_tried_here(endpoint: Route):
    named = {*in_path(endpoint), *in_body(endpoint), *in_query(endpoint)}
    assert named <= UNKNOWN.keys(), (
        f"{endpoint.name} names {sorted(named - UNKNOWN.keys())}: give `furnish` one that is the owner's, "
        "and UNKNOWN the id of one that never was"
    )


@each(NAMING)
def test_anothers_object_is_told_from_one_that_never_was_by_nothing(
    cloud: Cloud, owner: Belongings, stranger: Api, endpoint: Route
):
    before = all_rows(cloud)
    theirs, never = ask(stranger, endpoint, owner.ids), ask(stranger, endpoint, UNKNOWN)
    assert theirs.status_code == 404
    assert refusal(theirs) == refusal(never)
    assert all_rows(cloud) == before


@each(NAMING)
def test_the_same_request_is_answered_to_the_owner(other: Belongings, endpoint: Route):
    """Or else what a stranger is refused would prove nothing."""
    assert ask(other.api, endpoint, other.ids).status_code in {200, 201}


@each(NARROWED)
def test_a_list_narrowed_to_anothers_object_is_empty(owner: Belongings, stranger: Api, endpoint: Route):
    for name in in_query(endpoint):
        path = f"{endpoint.path.removeprefix('/api/v1')}?{name}={owner.ids[name]}"
        theirs, own = shown(stranger.get(path)), shown(owner.api.get(path))
        assert (theirs["data"], theirs["total"] or 0, theirs["next_cursor"]) == ([], 0, None)
        assert own["data"], "the owner finds it"


@each(OTHERS)
def test_what_names_no_object_shows_and_changes_nothing_of_another(
    cloud: Cloud, owner: Belongings, other: Belongings, stranger: Api, endpoint: Route
):
    set_url(other.api)
    before = rows_of(cloud, owner.api)
    response = ask(sign_in(stranger) if endpoint.session_only else other.api, endpoint, {})
    assert response.status_code in {200, 201}, response.body
    assert_shows_nothing(response, of=owner)
    assert rows_of(cloud, owner.api) == before


@pytest.mark.parametrize("path", SHOWING)
def test_the_search_finds_what_is_shown_of_a_merchant_to_itself(owner: Belongings, path: str):
    text = owner.api.get(path).body.decode()
    assert [mark for mark in owner.marks if mark in text]


@each(LISTS)
def test_anothers_cursor_leads_to_ones_own_rows_alone(owner: Belongings, other: Belongings, endpoint: Route):
    path = endpoint.path.removeprefix("/api/v1")
    cursor = shown(owner.api.get(f"{path}?limit=1"))["next_cursor"]
    assert cursor
    page = other.api.get(f"{path}?limit=100&cursor={cursor}")
    own = {line["id"] for line in shown(other.api.get(f"{path}?limit=100"))["data"]}
    assert {line["id"] for line in shown(page)["data"]} <= own
    assert_shows_nothing(page, of=owner)


@each([endpoint for endpoint in ENDPOINTS if endpoint.idempotent])
def test_anothers_idempotency_key_is_as_good_as_new(owner: Belongings, other: Belongings, endpoint: Route):
    key = {"Idempotency-Key": "the same for both"}
    theirs, own = (
        ask(one.api, endpoint, {**one.ids, "order_id": one.api.order()["id"]}, **key)
        for one in (owner, other)
    )
    assert made(theirs)["id"] != made(own)["id"]
    assert "Idempotent-Replayed" not in own.headers
    assert_shows_nothing(own, of=owner)
    again = {**other.ids, "order_id": made(own).get("order_id", other.ids["order_id"])}
    assert ask(other.api, endpoint, again, **key).headers["Idempotent-Replayed"] == "true"


def test_a_key_used_as_merchant_is_new_to_the_buyer(merchant: Api):
    bodies = [{"order_id": merchant.order()["id"], **UPI} for _ in range(2)]
    first = merchant.post("/payments", bodies[0], key="k")
    second = merchant.anonymous.post("/payments/public", bodies[1], key="k")
    assert made(first)["id"] != made(second)["id"]


def test_a_key_pair_with_the_token_of_another_merchant_is_the_owner_of_the_key_pair(
    owner: Belongings, stranger: Api, http: Any
):
    both = Api(http, "", {**stranger.credentials, **owner.session.credentials})
    assert shown(both.get("/merchants/me"))["id"] == stranger.merchant_id
    assert shown(both.delete("/sessions/current"))["status"] == "signed_out"
    assert owner.session.get("/merchants/me").status_code == 401, "a session is ended by its own token"


def test_the_key_of_one_with_the_secret_of_another_is_nobody(merchant: Api, stranger: Api):
    mixed = {**merchant.credentials, "X-Api-Secret": stranger.credentials["X-Api-Secret"]}
    for asked in ("/merchants/me", "/orders"):
        assert Api(merchant.http, "", mixed).get(asked).status_code == 401
