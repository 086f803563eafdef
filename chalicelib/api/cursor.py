"""Cursors: where the next page of a list starts, as opaque text."""

import base64
import binascii

from chalicelib.domain.errors import BadRequestError

MAX_CURSOR_CHARS = 500


def encode_cursor(key: str) -> str:
    """The cursor of a sort key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The sort key of a cursor; raises BadRequestError for what is none of ours."""
    padding = "=" * (-len(cursor) % 4)
    try:
        if len(cursor) <= MAX_CURSOR_CHARS and cursor.isascii():
            key = base64.b64decode(cursor + padding, altchars=b"-_", validate=True).decode()
            if key:
                return key
    except (binascii.Error, UnicodeDecodeError):
        pass
    raise BadRequestError("cursor is not one this API gave", field="cursor")
