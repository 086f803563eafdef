"""The clock of one merchant, outside production."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.clock import REAL
from chalicelib.domain.errors import BadRequestError

MAX_AHEAD = timedelta(days=400)  # of the real time; more than a year, so that annual reports can be tested
DURATION_PATTERN = r"^(?=.)([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
_DURATION = re.compile(DURATION_PATTERN)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class MerchantClock:
    """``offset``: how far the clock is ahead of the real time. ``target``: the time of an unfinished advance.

    ``leased_until``, in real time, is set while a request advances the clock.
    """

    offset: timedelta = REAL
    target: datetime | None = None
    leased_until: datetime | None = None

    def at(self, real: datetime) -> datetime:
        """The time of the merchant at the real time ``real``."""
        return real + self.offset

    def refuse_target(self, target: datetime, real: datetime, *, field: str) -> None:
        """Raises BadRequestError if the clock cannot be moved to ``target``."""
        if target <= self.at(real):
            raise BadRequestError("The clock can only be moved forwards", field=field)
        if target > real + MAX_AHEAD:
            limit = f"The clock can be at most {MAX_AHEAD.days} days ahead of the real time"
            raise BadRequestError(limit, field=field)


def offset_to(target: datetime, real: datetime) -> timedelta:
    """The offset with which a clock shows ``target`` at ``real``, rounded up to whole milliseconds."""
    return -((real - target) // _MS) * _MS


def parse_duration(text: str) -> timedelta:
    """The duration of a text such as ``1d``, ``2h36m`` or ``90s``. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("must be a duration such as 1d, 2h36m or 90s")
    days, hours, minutes, seconds = (int(part[:-1]) if part else 0 for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
