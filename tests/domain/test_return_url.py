"""The page to which a buyer returns."""

from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.payment import PaymentStatus
from chalicelib.domain.return_url import origin_of, parse_origin, signed_return_url
from chalicelib.domain.signature import standard_signature
from tests.domain.examples import NOW, payment

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example/thanks?order=1#top", "https://shop.example"),
        ("HTTPS://Shop.Example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("http://localhost:3001/done", "http://localhost:3001"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_is_normalized(url: str, origin: str):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,hello",
        "//shop.example/",
        "shop.example",
        "https://shop.example@evil.example/",
        "https://shop.example\\@evil.example/",
        "https://evil.example/https://shop.example",
        "https://shop.example.evil.example/",
        "https://shop.example:8443/",
        "http://shop.example/",
        "https://shop.example%00.evil.example/",
        "https://",
        " https://shop.example/",
        "",
    ],
)
def test_a_url_on_a_similar_origin_is_on_another_origin(url: str):
    assert origin_or_none(url) != "https://shop.example"


@pytest.mark.parametrize(
    "text", ["https://shop.example/thanks", "https://shop.example?a=1", "*", "shop.example"]
)
def test_what_is_not_an_origin_is_rejected(text: str):
    with pytest.raises(BadRequestError):
        parse_origin(text)


@pytest.mark.parametrize(
    ("url", "start", "fragment"),
    [
        ("https://shop.example/thanks", "https://shop.example/thanks?payment_id=", ""),
        ("https://shop.example/thanks?cart=7", "https://shop.example/thanks?cart=7&payment_id=", ""),
        ("https://shop.example/#/thanks", "https://shop.example/?payment_id=", "/thanks"),
    ],
)
def test_the_status_is_added_to_the_query_and_signed_like_a_webhook(url: str, start: str, fragment: str):
    paid = payment(status=PaymentStatus.SUCCESS)
    signed = signed_return_url(url, paid, SECRET, now=NOW)
    assert signed.startswith(start)
    parts = urlsplit(signed)
    assert parts.fragment == fragment
    values = {name: value for name, (value,) in parse_qs(parts.query).items() if name != "cart"}
    timestamp = int(NOW.timestamp())
    assert values == {
        "payment_id": paid.id,
        "order_id": paid.order_id,
        "status": "success",
        "timestamp": str(timestamp),
        "signature": standard_signature(
            SECRET, webhook_id=paid.id, timestamp=timestamp, body=f"{paid.order_id}.success".encode()
        ),
    }


def origin_or_none(url: str) -> str | None:
    """The origin; None if the URL is rejected."""
    try:
        return origin_of(url)
    except BadRequestError:
        return None
