"""The stored part of a receiver's response: valid text, truncated to limits in bytes."""

import json
from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.retry_after import parse_retry_after
from chalicelib.domain.webhook_log import GONE, RETRY_AFTER_CODES, SWITCHING_PROTOCOLS, Attempt

MAX_KEPT_BODY_BYTES = 2_000
MAX_KEPT_HEADERS = 30
MAX_KEPT_HEADER_CHARS = 200  # of a name, and of a value
MAX_KEPT_HEADERS_BYTES = 3_000  # of all headers as JSON, where a Latin-1 character can have 6 bytes
_ERRORS = {
    GONE: "410 Gone: the receiver does not accept further attempts",
    SWITCHING_PROTOCOLS: "101 Switching Protocols: the receiver switched the protocol and sent no response",
}


def with_response(
    attempt: Attempt, *, code: int, headers: Mapping[str, str], body: bytes, truncated: bool
) -> Attempt:
    """The attempt with the stored part of the response. ``truncated``: ``body`` is incomplete."""
    text, is_cut = _cut(body.decode(errors="replace"))
    kept, are_cut = _cut_headers(headers)
    retry_after = _header(headers, "retry-after") if code in RETRY_AFTER_CODES else None
    return replace(
        attempt,
        response_code=code,
        response_headers=kept,
        response_headers_truncated=are_cut,
        response_body=text,
        response_truncated=truncated or is_cut,
        retry_after_s=parse_retry_after(retry_after, attempt.at),
        error=_ERRORS.get(code),
    )


def _cut(text: str) -> tuple[str, bool]:
    """``text`` truncated to MAX_KEPT_BODY_BYTES of UTF-8, and whether it was truncated."""
    whole = text.encode()
    return whole[:MAX_KEPT_BODY_BYTES].decode(errors="ignore"), len(whole) > MAX_KEPT_BODY_BYTES


def _cut_headers(headers: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """The headers within the limits, and whether any were truncated or left out."""
    kept: dict[str, str] = {}
    left, is_cut = MAX_KEPT_HEADERS_BYTES, False
    for whole_name, whole_value in headers.items():
        name, value = _valid(whole_name), _valid(whole_value)
        short = name[:MAX_KEPT_HEADER_CHARS], value[:MAX_KEPT_HEADER_CHARS]
        size = len(json.dumps(short))
        is_cut |= short != (name, value)
        if size > left or len(kept) == MAX_KEPT_HEADERS:
            is_cut = True
            continue
        kept[short[0]] = short[1]
        left -= size
    return kept, is_cut


def _valid(text: str | None) -> str:
    """``text`` as valid Unicode: a lone surrogate is replaced with a question mark."""
    return (text or "").encode(errors="replace").decode()


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
