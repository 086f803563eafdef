"""``/webhooks`` and ``/webhooks/config``."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.api.cursor import Cursor, decode_cursor, encode_cursor
from chalicelib.api.queries import MAX_OFFSET
from tests.api.client import TIME, Api, Json, assert_bad_request, shown
from tests.api.webhooks import create_webhook_logs, listed, set_url, url_of
from tests.cloud import Cloud
from tests.rounds import MAX_PAGES, rounds


def config_of(url: str | None) -> Json:
    """The configuration of an endpoint without failures."""
    secret = "whsec_test_abc123"
    return {"webhook_url": url, "webhook_secret": secret, "disabled_at": None, "disabled_reason": None}


def test_a_merchant_starts_without_a_url(merchant: Api):
    assert shown(merchant.get("/webhooks/config")) == config_of(None)


@pytest.mark.parametrize("url", ["https://merchant.example/webhook?a=1", "https://merchant.example:8443"])
def test_a_url_can_be_set_and_removed(merchant: Api, url: str):
    for saved in (url, None):
        assert shown(merchant.put("/webhooks/config", {"webhook_url": saved})) == config_of(saved)
        assert shown(merchant.get("/webhooks/config")) == config_of(saved)


def test_a_url_belongs_to_one_merchant(merchant: Api, stranger: Api):
    set_url(merchant)
    assert shown(stranger.get("/webhooks/config"))["webhook_url"] is None


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({}, "webhook_url is required"),
        ({"webhook_url": 5}, "webhook_url must be text"),
        ({"webhook_url": ""}, "webhook_url must be an http:// or https:// URL with a host"),
        ({"webhook_url": "ftp://a.example"}, "webhook_url must be an http:// or https:// URL with a host"),
        ({"webhook_url": "https://a.example/" + "a" * 2_048}, "webhook_url must be at most 2048 characters"),
        ({"webhook_url": "https://me:pw@a.example"}, "webhook_url must not contain a user name or password"),
    ],
)
def test_an_invalid_url_is_rejected_and_the_old_one_remains(merchant: Api, body: Json, description: str):
    set_url(merchant)
    assert_bad_request(merchant.put("/webhooks/config", body), description, "webhook_url")
    assert shown(merchant.get("/webhooks/config"))["webhook_url"] == url_of(merchant)


def test_the_list_of_a_merchant_without_webhooks_is_empty(cloud: Cloud, merchant: Api):
    merchant.payment()
    cloud.run(for_s=10)
    empty = {"data": [], "total": 0, "total_is_minimum": False, "limit": 10, "offset": 0, "next_cursor": None}
    assert shown(merchant.get("/webhooks")) == empty


def test_a_list_contains_the_webhooks_newest_first(cloud: Cloud, merchant: Api):
    set_url(merchant)
    merchant.payment()
    cloud.run(for_s=10)
    success, pending, created = listed(merchant)
    assert [log["event"] for log in (created, pending, success)] == [
        "payment.created",
        "payment.pending",
        "payment.success",
    ]
    assert created == {
        "id": created["id"],
        "endpoint_id": "default",
        "event": "payment.created",
        "payment_id": created["payment_id"],
        "amount": 50_000,
        "currency": "INR",
        "status": "success",
        "retrying": False,
        "error": None,
        "attempts": 1,
        "created_at": TIME,
        "last_attempt_at": TIME,
        "next_retry_at": None,
        "response_code": 200,
    }
    sent = {one.headers["webhook-id"] for one in cloud.sender.delivered if one.url == url_of(merchant)}
    assert sent == {created["id"], pending["id"], success["id"]}


@pytest.mark.parametrize("limit", [1, 2, 5, 9, 10])
def test_offset_and_cursor_pages_contain_the_whole_list(cloud: Cloud, merchant: Api, limit: int):
    create_webhook_logs(cloud, merchant, count=9)
    whole = listed(merchant, "?limit=100")
    assert len(whole) == 9
    by_offset = [
        log for start in range(0, 9, limit) for log in listed(merchant, f"?limit={limit}&offset={start}")
    ]
    assert by_offset == whole
    by_cursor: list[Json] = []
    query = f"?limit={limit}"
    for _ in rounds("the last page has no cursor", at_most=MAX_PAGES):
        page = shown(merchant.get(f"/webhooks{query}"))
        assert (page["total"], page["limit"], page["offset"]) == (9, limit, 0)
        by_cursor += page["data"]
        query = f"?limit={limit}&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        if not query:
            break
    assert by_cursor == whole


def test_a_cursor_keeps_its_position_when_new_webhooks_arrive(cloud: Cloud, merchant: Api):
    create_webhook_logs(cloud, merchant, count=5)
    first = shown(merchant.get("/webhooks?limit=2"))
    rest = listed(merchant, f"?cursor={first['next_cursor']}")
    assert len(rest) == 3
    cloud.time.shift(60)
    create_webhook_logs(cloud, merchant)
    assert listed(merchant, f"?cursor={first['next_cursor']}") == rest


def test_a_page_beyond_the_end_is_empty(cloud: Cloud, merchant: Api):
    create_webhook_logs(cloud, merchant, count=3)
    page = shown(merchant.get("/webhooks?offset=3"))
    assert (page["data"], page["total"], page["offset"], page["next_cursor"]) == ([], 3, 3, None)


def test_a_merchant_can_list_only_its_own_objects(cloud: Cloud, merchant: Api, stranger: Api):
    create_webhook_logs(cloud, merchant)
    page = shown(stranger.get("/webhooks"))
    assert (page["data"], page["total"]) == ([], 0)


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "ten", "", "1.0", "1e1", "%2B1", "%201", "٣", "9" * 5_000]
)
def test_a_limit_must_be_an_integer_from_1_to_100(merchant: Api, limit: str):
    response = merchant.get(f"/webhooks?limit={limit}")
    assert_bad_request(response, "limit must be an integer from 1 to 100", "limit")


@pytest.mark.parametrize("offset", ["-1", "9007199254740992", "x", "", "-", "--1", "1_0"])
def test_an_offset_must_be_a_safe_json_integer(merchant: Api, offset: str):
    response = merchant.get(f"/webhooks?offset={offset}")
    assert_bad_request(response, "offset must be an integer from 0 to 9007199254740991", "offset")


@pytest.mark.parametrize("cursor", ["nonsense!", "%", "é", "A", "_-_-", "A" * 501])
def test_an_invalid_cursor_is_rejected(merchant: Api, cursor: str):
    response = merchant.get(f"/webhooks?cursor={cursor}")
    assert_bad_request(response, "cursor is not valid", "cursor")


@given(
    key=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="+"), min_size=1, max_size=90),
    skip=st.integers(0, MAX_OFFSET),
)
def test_a_cursor_is_url_safe_and_decodes_to_its_key(key: str, skip: int):
    made = Cursor(key=key, skip=skip)
    cursor = encode_cursor(made)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert decode_cursor(cursor) == made


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(["limit", "offset", "cursor"]), st.from_regex(r"[\w.-]*"), max_size=3
    )
)
def test_any_page_query_is_accepted_or_rejected(merchant: Api, query: dict[str, str]):
    response = merchant.get("/webhooks?" + "&".join(f"{name}={text}" for name, text in query.items()))
    assert response.status_code in {200, 400}, response.body
