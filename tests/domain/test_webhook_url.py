"""Webhook URLs: which can be saved. Their addresses are checked at each call."""

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url
from urllib3.util.url import _encode_target

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.public_address import is_public
from chalicelib.domain.webhook_url import check_new_webhook_url, check_webhook_url

MAX_URL_CHARS = 2_048
URLS = st.text() | st.text("htps:/[]@.#?\\%0a1é ", max_size=20).map("http://".__add__)


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
def test_a_local_stage_accepts_an_http_or_https_url(url: str):
    check_webhook_url(url, allow_private=True)


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
        ("http://merchant..example", "must have a name or an IP address as its host"),
        ("http://merchant.example\\.evil.example", "must have a name or an IP address as its host"),
        ("http://[::1]merchant.example", "must have a name or an IP address as its host"),
        ("http://[fe80::1%25eth0]/", "must have a name or an IP address as its host"),
        ("http://user@merchant.example", "must not contain a user name or password"),
        ("http://user:pass@merchant.example", "must not contain a user name or password"),
        ("http://@merchant.example", "must not contain a user name or password"),
        ("http://trusted.example\\@evil.example", "must not contain a user name or password"),
        ("http://merchant.example/ webhook", "must be printable ASCII without spaces"),
        ("http://merchant.example\r\nX-Injected: 1", "must be printable ASCII without spaces"),
        ("http://merchant.example/\x00", "must be printable ASCII without spaces"),
        ("\thttp://merchant.example", "must be printable ASCII without spaces"),
        ("http://münchen.example", "must be printable ASCII without spaces"),
        ("http://merchant.example/" + "a" * MAX_URL_CHARS, "must be at most 2048 characters"),
    ],
)
@pytest.mark.parametrize("allow_private", [True, False])
def test_the_error_describes_the_problem_of_an_invalid_url(url: str, said: str, allow_private: bool):
    with pytest.raises(BadRequestError) as caught:
        check_webhook_url(url, allow_private=allow_private)
    assert caught.value.description == f"webhook_url {said}"
    assert caught.value.field == "webhook_url"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://localhost/", "must not point to a private or internal address"),
        ("https://2130706433/", "must not point to a private or internal address"),
        ("http://127.0.0.1:4000/", "must not point to a private or internal address"),
        ("http://merchant.example/", "must begin with https://"),
        ("https://merchant.example:1023/", "must use port 443 or a port of at least 1024"),
    ],
)
def test_other_stages_require_a_public_host_tls_and_a_web_port(url: str, said: str):
    with pytest.raises(BadRequestError, match=said):
        check_webhook_url(url, allow_private=False)


@given(text=URLS)
def test_any_text_is_rejected_or_has_a_scheme_and_a_host(text: str):
    try:
        check_webhook_url(text, allow_private=True)
    except BadRequestError:
        return
    parts = urlsplit(text)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.username is None


@given(
    text=URLS
    | st.ip_addresses(v=4).map("https://{}/".format)
    | st.ip_addresses(v=6).map("https://[{}]/".format)
)
def test_other_stages_accept_no_address_that_is_not_public(text: str):
    try:
        check_webhook_url(text, allow_private=False)
    except BadRequestError:
        return
    with suppress(ValueError):
        assert is_public(ip_address(str(urlsplit(text).hostname)))


@given(text=URLS)
def test_the_validated_host_is_the_called_host(text: str):
    try:
        check_webhook_url(text, allow_private=True)
    except BadRequestError:
        return
    try:
        called = parse_url(requests.Request("POST", text).prepare().url or "")
    except requests.RequestException:
        return
    assert (called.host or "").strip("[]") == urlsplit(text).hostname


TARGETS = st.text("/.?#%aZ09-._~!$&'()*+,;=:@ |^[]{}\"<>\\`\u00e9\u0661", max_size=24) | st.text(
    "%2fF417eE5/.?#ab", max_size=16
)


def sent_target(url: str) -> str:
    """The path and query that the HTTP client sends: requests and urllib3 each normalise them once."""
    return _encode_target(requests.Request("POST", url).prepare().path_url)


def saved_target(url: str) -> str:
    """The path and query as written; an empty path is /."""
    target = url.split("://", 1)[1].partition("#")[0]
    start = min((target.index(mark) for mark in "/?" if mark in target), default=len(target))
    return target[start:] if target[start:].startswith("/") else "/" + target[start:]


@given(target=TARGETS)
@example(target="/hook?a=%2F&b=%20")
@example(target="?only=query")
def test_a_saved_url_is_called_exactly_as_written(target: str):
    url = f"https://Merchant.example{target}"
    try:
        check_new_webhook_url(url, allow_private=False)
    except BadRequestError:
        return
    assert sent_target(url) == saved_target(url)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/100%", "must have two hexadecimal digits after every %: write a plain % as %25"),
        ("/a%2Fb?discount=5%", "must have two hexadecimal digits after every %: write a plain % as %25"),
        ("/a%zz", "must have two hexadecimal digits after every %: write a plain % as %25"),
        ("/a%\uff12f", "must be printable ASCII without spaces"),
        ("/a%2fb", "must write percent-encodings in upper case, such as %2F"),
        ("/%7Eshop", "must not percent-encode letters, digits or -._~"),
        ("/%2E%2E/hook", "must not percent-encode letters, digits or -._~"),
        ("/a/../hook", "must not have . or .. as a segment of its path"),
        ("/./hook", "must not have . or .. as a segment of its path"),
        ("/hook/..", "must not have . or .. as a segment of its path"),
        ("//hook", "must not have a path that begins with //"),
        ("/hook?", "must not have an empty query: leave out the ?"),
        ("/hook?#part", "must not have an empty query: leave out the ?"),
        *(
            (
                f"/a{char}b",
                'must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them',
            )
            for char in '\\^`"<>[]{|}'
        ),
        ("/hook?q=[1]", 'must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them'),
    ],
)
@pytest.mark.parametrize("allow_private", [True, False])
def test_a_url_that_the_client_would_normalise_is_not_saved(target: str, said: str, allow_private: bool):
    with pytest.raises(BadRequestError) as caught:
        check_new_webhook_url(f"https://merchant.example{target}", allow_private=allow_private)
    assert (caught.value.description, caught.value.field) == (f"webhook_url {said}", "webhook_url")


@pytest.mark.parametrize(
    "target",
    [
        "",
        "/",
        "?shop=1",
        "/hook//twice",
        "/a..b/...",
        "/hook?next=/a/../b",
        "/h%C3%A9?a=%20&b=1+2",
        "/a;v=1:2@3",
        "/x#part",
    ],
)
def test_other_spellings_can_be_saved(target: str):
    check_new_webhook_url(f"https://merchant.example{target}", allow_private=False)


@pytest.mark.parametrize("target", ["/100%", "/a%2fb", "/a|b", "/a/../b"])
def test_a_url_that_was_saved_by_an_earlier_version_is_called(target: str):
    check_webhook_url(f"https://merchant.example{target}", allow_private=False)
