"""What an examination finds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.jobs.messages import Job


class Kind(StrEnum):
    """What may be wrong, with the way out."""

    OVERDUE = "overdue: nothing will wake them; `doctor --repair` sends their jobs again"
    DEAD_LETTERS = "dead letters: mend the cause, then `redrive` them"
    MONEY = "money: what a payment may refund does not fit its refunds"
    UNREADABLE = "unreadable: the code cannot read these rows"
    COUNTERS = "counters: statistics differ from the rows"
    CONTRADICTIONS = "contradictions: an event was told that did not happen"
    UNTOLD = "untold: events without a webhook log; no fault if the merchant had no webhook URL at that time"


NOTES = frozenset({Kind.UNTOLD})
"""What may well be right: told, and no fault."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it should be. ``job`` is what repairs it, if sending a job does."""

    kind: Kind
    subject: str
    says: str
    job: Job | None = None


Report = Callable[[Finding], None]
