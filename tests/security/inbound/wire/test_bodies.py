"""The unusual bodies over HTTP: no component between client and code changes a response."""

from collections.abc import Mapping

import pytest
import requests

from tests.e2e.api import Api, assert_error
from tests.security.inbound.oddities import NO_JSON, NO_ORDERS, ORDERS, TOO_LARGE

pytestmark = pytest.mark.e2e

JSON = {"Content-Type": "application/json"}


def send(merchant: Api, body: bytes, headers: Mapping[str, str] = JSON) -> requests.Response:
    return merchant.request("POST", "/api/v1/orders", data=body, headers=dict(headers))


def is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def orders_of(merchant: Api) -> list[str]:
    return [order["id"] for order in merchant.pages("/orders", "limit=100")]


def test_an_invalid_order_is_rejected_and_writes_nothing(merchant: Api):
    for body in filter(is_text, (*NO_JSON.values(), *NO_ORDERS.values(), *TOO_LARGE.values())):
        refused = send(merchant, body)
        code = refused.json()["error"]["code"]
        assert_error(refused, 400, code)
        assert code in {"BAD_REQUEST_ERROR", "INVALID_CURRENCY", "AMOUNT_TOO_SMALL"}
    assert orders_of(merchant) == []


def test_a_body_that_is_not_text_is_rejected_or_read_with_replacement_characters(merchant: Api):
    """API Gateway converts every body to text before the code receives it."""
    for body in NO_JSON.values():
        if not is_text(body):
            assert send(merchant, body).status_code in {201, 400}


def test_an_unusual_valid_order_is_created(merchant: Api):
    made = [send(merchant, body) for body in ORDERS.values()]
    assert [response.status_code for response in made] == [201] * len(ORDERS)
    assert sorted(orders_of(merchant)) == sorted(response.json()["id"] for response in made)


@pytest.mark.parametrize("body", [b"{}", b"[" * 10_000, b"\xff"])
def test_an_unexpected_body_is_ignored(merchant: Api, body: bytes):
    for path in ("/orders", "/merchants/me", "/stats"):
        assert merchant.request("GET", f"/api/v1{path}", data=body).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
def test_a_compressed_body_is_not_decompressed(merchant: Api, encoding: str):
    response = send(merchant, b"\x1f\x8b\x08\x00", {**JSON, "Content-Encoding": encoding})
    assert_error(response, 400, "BAD_REQUEST_ERROR")
