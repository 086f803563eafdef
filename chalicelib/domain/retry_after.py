"""``Retry-After`` of RFC 9110, section 10.2.3: seconds, or an HTTP date."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_TEXT_CHARS = 64  # the longest HTTP date has 33
MAX_ASKED_S = 366 * 24 * 3600  # nobody asks for more in earnest; what is longer is a mistake


def parse_retry_after(text: str | None, now: datetime) -> int | None:
    """The seconds a receiver asks to be left alone; None if it asks for nothing valid. Never raises.

    An invalid value, and one of more than MAX_ASKED_S, is ignored.
    """
    if text is None:
        return None
    text = text.strip(" \t")
    if not text.isascii() or len(text) > MAX_TEXT_CHARS:
        return None
    asked_s = int(text) if text.isdecimal() else _seconds_until(text, now)
    return asked_s if asked_s is not None and asked_s <= MAX_ASKED_S else None


def _seconds_until(text: str, now: datetime) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0, (aware - now) // timedelta(seconds=1))
    except Exception:  # the parser raises OverflowError, TypeError and IndexError besides ValueError
        return None
