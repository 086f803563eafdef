"""Requests in API Gateway's event format: unusual headers, and bodies in base64."""

import base64
import gzip
from collections.abc import Mapping
from typing import Any

import pytest

import app
from tests.api.client import Api

pytestmark = pytest.mark.usefixtures("http")

GOOD = b'{"amount": 500}'


def event(merchant: Api, body: bytes | str | None, headers: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A create-order event of API Gateway. Of repeated headers, the event contains the last."""
    text = body.decode() if isinstance(body, bytes) else body
    return {
        "resource": "/api/v1/orders",
        "path": "/api/v1/orders",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", **merchant.credentials, **headers},
        "multiValueHeaders": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"httpMethod": "POST", "resourcePath": "/api/v1/orders", "requestId": "r-1"},
        "body": text,
        "isBase64Encoded": False,
        **more,
    }


def status(of: dict[str, Any]) -> int:
    answer = app.app(of, None)
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["statusCode"] < 500, answer["body"]
    return int(answer["statusCode"])


def test_a_base64_body_is_decoded(merchant: Api):
    encoded = base64.b64encode(GOOD).decode()
    assert status(event(merchant, encoded, {}, isBase64Encoded=True)) == 201
    assert status(event(merchant, encoded, {})) == 400, "only where API Gateway says so"


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", gzip.compress(GOOD, mtime=0), b"\0" * 100, GOOD.decode().encode("utf-16")]
)
def test_bytes_that_are_not_text_are_rejected(merchant: Api, body: bytes):
    encoded = base64.b64encode(body).decode()
    assert status(event(merchant, encoded, {}, isBase64Encoded=True)) == 400


def test_a_missing_body_is_rejected(merchant: Api):
    assert status(event(merchant, None, {})) == 400


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Type": "APPLICATION/JSON"}, 201),
        (
            {"Content-Type": "application/json;charset=utf-16"},
            201,
        ),  # JSON is UTF-8, whatever charset the header declares
        ({"Content-Type": "application/json; boundary=x; charset"}, 201),
        ({"Content-Type": " application/json "}, 201),
        ({"Content-Type": ""}, 400),
        ({"Content-Type": ";"}, 400),
        ({"Content-Type": "application/json, text/html"}, 400),
        ({"Content-Type": "text/html; application/json"}, 400),
        ({"Content-Type": "application/merge-patch+json"}, 400),
        ({"Content-Type": "multipart/form-data; boundary=application/json"}, 400),
        ({"Content-Type": "application/octet-stream"}, 400),
        (
            {"Content-Encoding": "gzip"},
            201,
        ),  # the body is not compressed, and the gateway does not decompress
        ({"Accept": "image/png"}, 201),
        ({"Accept": "*/*;q=nothing"}, 201),
        ({"X-HTTP-Method-Override": "DELETE"}, 201),
        ({"X-Forwarded-For": "\0", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}, 201),
        ({"X-Api-Key": "k" * 8_000}, 401),
        ({"X-Api-Secret": "s" * 100_000}, 401),
        ({"X-Api-Secret": "\0"}, 401),
        ({"X-Api-Secret": "\ud800"}, 401),
        ({"X-Api-Secret": "sécret"}, 401),
        ({"X-Api-Key": "\ud800"}, 401),
        ({"Authorization": "Bearer \ud800"}, 201),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, 201),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, 201),
        ({"Authorization": ""}, 201),
        ({"Idempotency-Key": ""}, 201),
        ({"Idempotency-Key": "k" * 256}, 400),
        ({"Idempotency-Key": "\ud800"}, 400),
        ({"Idempotency-Key": "k\r\nX: y"}, 400),
    ],
    ids=ascii,
)
def test_an_unusual_header_is_read_literally_or_rejected(
    merchant: Api, headers: dict[str, str], expected: int
):
    assert status(event(merchant, GOOD, headers)) == expected


def test_header_names_may_contain_any_bytes(merchant: Api):
    odd = {"": "x", "é": "x", "x" * 5_000: "x", "__proto__": "x", "x-api-key\0": "x", "X_API_KEY": "x"}
    assert status(event(merchant, GOOD, odd)) == 201


def test_a_repeated_credential_header_does_not_authenticate_another_merchant(merchant: Api, stranger: Api):
    """The last value counts, and the key of one merchant does not match the secret of the other."""
    mixed = {"x-api-key": stranger.credentials["X-Api-Key"]}
    assert status(event(merchant, GOOD, mixed)) == 401
