"""Cursors: the start of the next page of a list, as opaque text."""

import base64
import binascii
import re
from dataclasses import dataclass

from chalicelib.domain.errors import BadRequestError

MAX_CURSOR_CHARS = 500
_WITH_SKIP = re.compile(r"\+([0-9]{1,5}) (.+)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The start of a page: ``skip`` rows after the row with the sort key ``key`` (None: the first row)."""

    key: str | None
    skip: int = 0


def encode_cursor(cursor: Cursor) -> str:
    """The cursor as text."""
    text = f"+{cursor.skip} {cursor.key}" if cursor.skip else f"{cursor.key}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """The cursor of ``text``. Raises BadRequestError if the API did not return it."""
    padding = "=" * (-len(text) % 4)
    try:
        if len(text) <= MAX_CURSOR_CHARS and text.isascii():
            key = base64.b64decode(text + padding, altchars=b"-_", validate=True).decode()
            if key:
                return _cursor(key)
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise BadRequestError("cursor is not valid", field="cursor")


def _cursor(text: str) -> Cursor:
    found = _WITH_SKIP.fullmatch(text)
    return Cursor(key=found[2], skip=int(found[1])) if found else Cursor(key=text)
