"""The findings of an examination."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.jobs.messages import Job


class Kind(StrEnum):
    """The kinds of findings: name, description and action."""

    OVERDUE = "overdue: their messages were lost; `doctor --repair` sends their jobs again"
    OUTCOMES = (
        "outcomes: the acquirer has one, the gateway does not; `doctor --repair` asks for it and stores it"
    )
    UNKNOWN_THERE = "unknown to the acquirer: it has no such request; `doctor --repair` sends the job again"
    NOT_COMPARED = "not compared: the acquirer cannot be asked for the status"
    DEAD_LETTERS = "dead letters: fix the cause, then run `redrive`"
    MONEY = "money: the refundable amount of a payment does not match its refunds"
    DRIFT = "drift: resources that differ from the template; deploying again may not restore them"
    UNREADABLE = "unreadable: the code cannot read these rows"
    COUNTERS = "counters: statistics differ from the rows"
    CONTRADICTIONS = "contradictions: webhook logs of events that did not occur"
    SIMULATED = "simulated: the simulated acquirer moves no money; set one with `merchant acquirer set`"
    MISSING_LOGS = "missing logs: events without a webhook log; expected if there was no webhook URL then"


NOTES = frozenset({Kind.SIMULATED, Kind.MISSING_LOGS})
"""Findings that are not necessarily problems. They do not affect the exit status."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding. ``job`` is the job that repairs it, if any."""

    kind: Kind
    subject: str
    message: str
    job: Job | None = None


Report = Callable[[Finding], None]
