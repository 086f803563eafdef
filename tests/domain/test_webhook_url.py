"""Webhook URLs: what may stand as one. Where it leads is checked when it is called."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import parse_webhook_url

MAX_URL_CHARS = 2_048


@pytest.mark.parametrize(
    "url",
    [
        "https://merchant.example",
        "https://merchant.example/webhook?shop=1&x=%20#part",
        "http://localhost:4000/webhook",
        "http://127.0.0.1:4000",
        "http://[::1]:4000/webhook",
        "HTTPS://MERCHANT.EXAMPLE/Webhook",
        "https://xn--mnchen-3ya.example:65535/",
        "https://merchant.example/" + "a" * (MAX_URL_CHARS - 25),
    ],
)
def test_an_http_or_https_url_is_taken_as_it_is(url: str):
    assert parse_webhook_url(url) == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "must be an http:// or https:// URL with a host"),
        ("merchant.example/webhook", "must be an http:// or https:// URL with a host"),
        ("//merchant.example", "must be an http:// or https:// URL with a host"),
        ("http://", "must be an http:// or https:// URL with a host"),
        ("http:///webhook", "must be an http:// or https:// URL with a host"),
        ("http://:4000", "must be an http:// or https:// URL with a host"),
        ("http://merchant.example:0", "must be an http:// or https:// URL with a host"),
        ("ftp://merchant.example", "must be an http:// or https:// URL with a host"),
        ("file:///etc/passwd", "must be an http:// or https:// URL with a host"),
        ("javascript:alert(1)", "must be an http:// or https:// URL with a host"),
        ("http://[::1", "must be a valid URL"),
        ("http://merchant.example:65536", "must be a valid URL"),
        ("http://merchant.example:port", "must be a valid URL"),
        ("http://user@merchant.example", "must not hold a user name or password"),
        ("http://user:pass@merchant.example", "must not hold a user name or password"),
        ("http://@merchant.example", "must not hold a user name or password"),
        ("http://trusted.example\\@evil.example", "must not hold a user name or password"),
        ("http://merchant.example/ webhook", "must be printable ASCII without spaces"),
        ("http://merchant.example\r\nX-Injected: 1", "must be printable ASCII without spaces"),
        ("http://merchant.example/\x00", "must be printable ASCII without spaces"),
        ("\thttp://merchant.example", "must be printable ASCII without spaces"),
        ("http://münchen.example", "must be printable ASCII without spaces"),
        ("http://merchant.example/" + "a" * MAX_URL_CHARS, "must be at most 2048 characters"),
    ],
)
def test_what_is_wrong_with_any_other_is_said(url: str, said: str):
    with pytest.raises(BadRequestError) as caught:
        parse_webhook_url(url)
    assert caught.value.description == f"webhook_url {said}"
    assert caught.value.field == "webhook_url"


@given(text=st.text() | st.text("htps:/[]@.#?\\%0aé ", max_size=20).map("http://".__add__))
def test_any_text_is_refused_or_has_a_scheme_and_a_host(text: str):
    try:
        url = parse_webhook_url(text)
    except BadRequestError:
        return
    parts = urlsplit(url)
    assert parts.scheme.lower() in {"http", "https"}
    assert parts.hostname
    assert parts.username is None
