"""``Retry-After`` of RFC 9110, section 10.2.3: seconds, or an HTTP date."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_TEXT_CHARS = 64  # the longest HTTP date has 33
MAX_RETRY_AFTER_S = 366 * 24 * 3600  # a longer delay is assumed to be an error of the receiver


def parse_retry_after(text: str | None, now: datetime) -> int | None:
    """The delay in seconds that a receiver requests; None if ``text`` is None or not valid. Never raises.

    A delay of more than MAX_RETRY_AFTER_S is not valid.
    """
    if text is None:
        return None
    text = text.strip(" \t")
    if not text.isascii() or len(text) > MAX_TEXT_CHARS:
        return None
    delay_s = int(text) if text.isdecimal() else _seconds_until(text, now)
    return delay_s if delay_s is not None and delay_s <= MAX_RETRY_AFTER_S else None


def _seconds_until(text: str, now: datetime) -> int | None:
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0, (aware - now) // timedelta(seconds=1))
    except Exception:  # the parser raises ValueError, OverflowError, TypeError and IndexError
        return None
