"""Text that must not be interpreted as code, a key, a header or HTML."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from chalice.test import HTTPResponse

from chalicelib.api.fields import MAX_TEXT_CHARS
from tests.api.client import UPI, Api, assert_bad_request, card, made, shown
from tests.security.inbound.api.belongings import MerchantObjects

pytestmark = pytest.mark.usefixtures("http")

LISTS = ["orders", "payments", "refunds", "webhooks"]
IDS = [
    "#",
    "#id",
    ":id",
    ":0",
    "id",
    "merchant_id",
    "attribute_exists(id)",
    "order_0000000000000000' OR '1'='1",
    "order_0000000000000000#x",
    '{"S": "order_0000000000000000"}',
    "$ne",
    "*",
    "..",
    "../../merchants/me",
    "..%2f..%2fmerchants%2fme",
    "\0",
    "\r\nX-Injected: yes",
    "\u202e",
    "\ud7ff",
    "😀",
    "x" * 5_000,
]
MARKUP = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</title><svg/onload=alert(1)>",
    "{{7*7}} ${7*7} #{7*7} %s %n",
    "'; DROP TABLE payments; --",
    '=HYPERLINK("https://evil.example")',
    "\u2028\u2029\ufeff",
]
LOOKUPS = [
    "/orders/{}",
    "/orders/{}/public",
    "/payments/{}",
    "/payments/{}/public",
    "/refunds/{}",
    "/webhooks/{}",
]
ACTIONS: dict[str, dict[str, int]] = {
    "/payments/{}/capture": {},
    "/payments/{}/refunds": {"amount": 100},
    "/webhooks/{}/retry": {},
}


def assert_missing(response: HTTPResponse) -> None:
    assert response.status_code == 404, response.body
    assert response.json_body["error"]["code"] == "NOT_FOUND_ERROR"
    assert_plain(response)


def assert_plain(response: HTTPResponse) -> None:
    """The response is JSON that a browser does not interpret otherwise, without an injected header."""
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert "X-Injected" not in response.headers


@pytest.mark.parametrize("id_", IDS, ids=ascii)
def test_an_id_is_used_only_as_an_id(merchant: Api, id_: str):
    for path in LOOKUPS:
        assert_missing(merchant.get(path.format(quote(id_, safe="%"))))
    for path, body in ACTIONS.items():
        assert_missing(merchant.post(path.format(quote(id_, safe="%")), body))
    for path in ("/payments", "/payments/public"):
        assert_missing(merchant.post(path, {"order_id": id_[:MAX_TEXT_CHARS], **UPI}))


FILTERS = [
    "status=success' OR 'a'='a",
    "status=pending%00",
    "status=PENDING",
    "status=%23status",
    "status=:s",
    "status[$ne]=x",
    "status=",
    "limit=1e1",
    "limit=0x10",
    "limit=%EF%BC%91",
    "limit=",
    "limit=+1",
    "limit=1%0d%0aX-Injected:%20yes",
    "offset=-0x1",
    "offset=99999999999999999999",
    "merchant_id=550e8400-e29b-41d4-a716-446655440000",
    "list_key=550e8400-e29b-41d4-a716-446655440000%230",
    "%23=:x",
    "__proto__=x",
]


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_is_rejected_or_ignored(owner: MerchantObjects, merchant: Api, query: str):
    for path in LISTS:
        response = merchant.get(f"/{path}?{query}")
        assert response.status_code in {200, 400}, response.body
        assert_plain(response)
        assert response.json_body.get("data", []) == []


def cursor_of(key: str | bytes) -> str:
    raw = key if isinstance(key, bytes) else key.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_contains_a_position_and_does_not_identify_the_list(owner: MerchantObjects, path: str):
    cursor = shown(owner.api.get(f"/{path}?limit=1"))["next_cursor"]
    key = base64.urlsafe_b64decode(cursor + "==").decode()
    line = shown(owner.api.get(f"/{path}?limit=1"))["data"][0]
    assert key.startswith(line["created_at"])
    assert owner.api.merchant_id not in key


@pytest.mark.parametrize("path", LISTS)
def test_a_forged_cursor_does_not_return_another_merchants_rows(
    owner: MerchantObjects, merchant: Api, path: str
):
    place = "9999-12-31T23:59:59.999Z#"
    whose = owner.api.merchant_id
    forged = [
        place,
        f"{place}#{owner.ids['payment_id']}",
        f"{whose}#0",
        f"{whose}#0#{place}",
        json.dumps({"list_key": f"{whose}#0", "sort_key": place}),
        json.dumps({"list_key": {"S": f"{whose}#0"}, "sort_key": {"S": place}}),
        "\0",
        "\U0010ffff",
        "#",
        "z" * 300,
    ]
    for key in forged:
        page = shown(merchant.get(f"/{path}?limit=100&cursor={cursor_of(key)}"))
        assert (page["data"], page["next_cursor"]) == ([], None)


@pytest.mark.parametrize(
    "cursor",
    ["=", "====", "a", "%FF", "%00", "é", "not base64!", "AAA+/", cursor_of(b"\xff\xfe"), "A" * 501],
    ids=ascii,
)
def test_an_invalid_cursor_is_rejected(merchant: Api, cursor: str):
    for path in LISTS:
        response = merchant.get(f"/{path}?cursor={quote(cursor, safe='%')}")
        assert_bad_request(response, "cursor is not valid", "cursor")


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_returned_as_text(cloud: Any, merchant: Api, text: str):
    order = merchant.order(receipt=text, notes={text: [text]})
    assert (order["receipt"], order["notes"]) == (text, {text: [text]})
    pay = card(holder_name=text)
    payment = made(merchant.post("/payments", {"order_id": order["id"], **pay}))
    cloud.run(for_s=15)
    refund = merchant.refund(payment["id"], 100, reason=text)
    assert refund["reason"] == text
    for path in (f"/orders/{order['id']}", f"/refunds/{refund['id']}", "/orders", "/refunds"):
        response = merchant.get(path)
        assert_plain(response)
        assert text in str(shown(response).values()) or json.dumps(text)[1:-1] in str(shown(response))


def test_the_public_order_contains_no_text_of_the_merchant(merchant: Api):
    order = merchant.order(receipt=MARKUP[0], notes={"a": MARKUP[0]})
    seen = merchant.anonymous.get(f"/orders/{order['id']}/public")
    fields = {"id", "amount", "currency", "status", "merchant", "payment_id", "upi_flows", "card_entry"}
    assert set(shown(seen)) == fields
    assert_plain(seen)


HEADER_LINES = [
    "k\r\nX-Injected: yes",
    "k\nX-Injected: yes",
    "k\rX-Injected: yes",
    "k\0",
    "k\x7f",
    "k\u2028",
    "ké",
]


@pytest.mark.parametrize("key", HEADER_LINES)
def test_an_idempotency_key_is_one_line_of_printable_ascii(merchant: Api, key: str):
    response = merchant.post("/orders", {"amount": 500}, key=key)
    assert response.status_code == 400
    assert response.json_body["error"]["field"] == "Idempotency-Key"
    assert_plain(response)


@pytest.mark.parametrize(
    "key", [" ", "#", ":k", "a#POST /api/v1/orders#b", "<script>", "k" * 255, "~!@$%^&*()"]
)
def test_any_printable_key_is_used_only_as_a_key(merchant: Api, key: str):
    first, again = (merchant.post("/orders", {"amount": 500}, key=key) for _ in range(2))
    assert made(first) == made(again)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert made(merchant.post("/orders", {"amount": 500}, key=key[:-1] + "?"))["id"] != made(first)["id"]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/\r\nX-Injected: yes",
        "https://shop.example/\nX-Injected: yes",
        "https://shop.example/%0d%0aHost: evil\r",
        "https://shop.example/\0",
        "https://shop.example/\u2028",
        "https://shop.example\t/",
        " https://shop.example/",
    ],
)
def test_a_webhook_url_is_one_line(merchant: Api, url: str):
    response = merchant.put("/webhooks/config", {"webhook_url": url})
    assert response.status_code == 400
    assert response.json_body["error"]["field"] == "webhook_url"
    assert shown(merchant.get("/webhooks/config"))["webhook_url"] is None


def test_every_error_is_plain_json(merchant: Api, anonymous: Api):
    assert_plain(anonymous.get("/orders"))
    assert_plain(merchant.post("/orders", b"<html>"))
    assert_plain(merchant.request("DELETE", "/orders"))
    assert_plain(merchant.get("/orders/<script>"))
