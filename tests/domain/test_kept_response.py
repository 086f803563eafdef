"""The stored part of a response: limited in bytes, valid text, with a mark if truncated."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.kept_response import (
    MAX_KEPT_BODY_BYTES,
    MAX_KEPT_HEADERS,
    MAX_KEPT_HEADERS_BYTES,
    with_response,
)
from chalicelib.domain.retry_after import MAX_RETRY_AFTER_S
from chalicelib.domain.webhook_log import Attempt
from tests.domain.examples import attempt

anything = st.text() | st.text(st.characters(min_codepoint=128, max_codepoint=255), max_size=400)


def kept(code: int = 200, headers: Any = None, body: bytes = b"", truncated: bool = False) -> Attempt:
    return with_response(
        attempt(response_code=None), code=code, headers=headers or {}, body=body, truncated=truncated
    )


@given(
    code=st.integers(100, 999),
    headers=st.dictionaries(anything | st.just("Retry-After"), anything | st.none(), max_size=50),
    body=st.binary() | anything.map(lambda text: text.encode(errors="surrogatepass")),
    truncated=st.booleans(),
)
def test_the_stored_response_is_limited_and_valid_for_any_response(
    code: int, headers: dict[str, Any], body: bytes, truncated: bool
):
    made = kept(code, headers, body, truncated)
    assert made.response_code == code
    assert made.response_body is not None
    assert made.response_headers is not None
    assert len(made.response_body.encode()) <= MAX_KEPT_BODY_BYTES
    assert len(json.dumps(made.response_headers)) <= MAX_KEPT_HEADERS_BYTES + 2
    assert len(made.response_headers) <= MAX_KEPT_HEADERS
    json.dumps(made.response_headers, ensure_ascii=False).encode()
    assert made.retry_after_s is None or 0 <= made.retry_after_s <= MAX_RETRY_AFTER_S
    if not made.response_truncated:
        assert made.response_body == body.decode(errors="replace")
    if not made.response_headers_truncated:
        assert len(made.response_headers) == len({name.encode(errors="replace") for name in headers})


@pytest.mark.parametrize("char", ["a", "\u00e9", "\u20ac", "\U0001f600"])
def test_a_body_is_truncated_in_bytes_between_characters(char: str):
    size = len(char.encode())
    fits = char * (MAX_KEPT_BODY_BYTES // size)
    assert (kept(body=fits.encode()).response_body, kept(body=fits.encode()).response_truncated) == (
        fits,
        False,
    )
    cut = kept(body=(fits + char).encode())
    assert (cut.response_body, cut.response_truncated) == (fits, True)


@pytest.mark.parametrize(
    ("headers", "is_cut"),
    [
        ({"X-Short": "v"}, False),
        ({"X-Latin": "\u00e9" * 200}, False),
        ({"X-Long": "v" * 201}, True),
        ({"X" * 201: "v"}, True),
        ({f"X-{number}": "v" for number in range(30)}, False),
        ({f"X-{number}": "v" for number in range(31)}, True),
        ({f"X-{number}": "\u00e9" * 200 for number in range(3)}, True),
        ({"X-None": None}, False),
    ],
)
def test_truncated_headers_are_marked(headers: dict[str, str], is_cut: bool):
    made = kept(headers=headers)
    assert made.response_headers_truncated is is_cut
    assert not made.response_truncated


def test_a_header_that_is_too_long_does_not_remove_others():
    made = kept(headers={"X-First": "\U0001f600" * 200, "X-Large": "\u00e9" * 200, "Retry-After": "7"})
    assert "Retry-After" in (made.response_headers or {})


@pytest.mark.parametrize(("code", "said"), [(101, "Switching Protocols"), (410, "Gone")])
def test_some_statuses_have_an_explanation(code: int, said: str):
    assert said in (kept(code).error or "")
