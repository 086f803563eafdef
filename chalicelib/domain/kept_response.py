"""What is kept of a receiver's response: its beginning, within limits in bytes, as valid text."""

import json
from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.retry_after import parse_retry_after
from chalicelib.domain.webhook_log import ASKING_FOR_TIME, GONE, SWITCHING_PROTOCOLS, Attempt

MAX_KEPT_BODY_BYTES = 2_000
MAX_KEPT_HEADERS = 30
MAX_KEPT_HEADER_CHARS = 200  # of a name, and of a value
MAX_KEPT_HEADERS_BYTES = 3_000  # of all together as JSON, in which a character of Latin-1 has 6 bytes
_ERRORS = {
    GONE: "410 Gone: the receiver wants no further attempt",
    SWITCHING_PROTOCOLS: "101 Switching Protocols: the receiver changed the protocol instead of answering",
}


def with_response(
    attempt: Attempt, *, code: int, headers: Mapping[str, str], body: bytes, truncated: bool
) -> Attempt:
    """The attempt with as much of the response as is kept. ``truncated``: ``body`` is not all there was."""
    text, is_cut = _cut(body.decode(errors="replace"))
    kept, are_cut = _cut_headers(headers)
    asks = code in ASKING_FOR_TIME
    return replace(
        attempt,
        response_code=code,
        response_headers=kept,
        response_headers_truncated=are_cut,
        response_body=text,
        response_truncated=truncated or is_cut,
        retry_after_s=parse_retry_after(_header(headers, "retry-after"), attempt.at) if asks else None,
        error=_ERRORS.get(code),
    )


def _cut(text: str) -> tuple[str, bool]:
    """The beginning of ``text``, at most MAX_KEPT_BODY_BYTES of UTF-8, and whether that is not all of it."""
    whole = text.encode()
    return whole[:MAX_KEPT_BODY_BYTES].decode(errors="ignore"), len(whole) > MAX_KEPT_BODY_BYTES


def _cut_headers(headers: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """The headers that fit, and whether anything is missing."""
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
    """Text that UTF-8 can hold: a lone surrogate becomes a question mark."""
    return (text or "").encode(errors="replace").decode()


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)
