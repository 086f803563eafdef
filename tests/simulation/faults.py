"""Faults: their kinds, the calls where each can occur, and the plans that select the calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

from tests.simulation.dynamodb import WRITES

MAX_FAULTS = 60  # of a random story; after that many, everything must complete


class Edge(StrEnum):
    """The caller and the callee."""

    API = "merchant → API"
    TRIGGER = "AWS → Lambda"
    DYNAMODB = "Lambda → DynamoDB"
    SQS = "Lambda → SQS"
    ACQUIRER = "Lambda → acquirer"
    VENDOR = "Lambda → acquirer over HTTP"
    RECEIVER = "Lambda → merchant"


class Fault(StrEnum):
    """The fault of one call."""

    DIES_BEFORE = "dies before"  # the caller crashes before the call takes effect
    DIES_AFTER = "dies after"  # the caller crashes after the call took effect, before the response
    UNREACHABLE = "unreachable"  # no effect, no response
    ANSWER_LOST = "answer lost"  # the call takes effect, and the response is lost
    THROTTLED = "throttled"  # rejected: too many requests
    CONFLICT = "conflict"  # rejected: another transaction holds the row
    FAILED_AFTER = "failed after"  # the call takes effect, and the response is an internal error
    PARTLY = "partly"  # SQS accepts part of a batch and reports the rest
    TWICE = "twice"  # the delivery is made twice, concurrently


_DEATHS = (Fault.DIES_BEFORE, Fault.DIES_AFTER)
_SILENCES = (Fault.UNREACHABLE, Fault.ANSWER_LOST)
_KINDS: Mapping[Edge, tuple[Fault, ...]] = {
    Edge.API: _SILENCES,
    Edge.TRIGGER: (*_SILENCES, Fault.TWICE),
    Edge.DYNAMODB: (*_DEATHS, *_SILENCES, Fault.THROTTLED),
    Edge.SQS: (*_DEATHS, *_SILENCES, Fault.THROTTLED, Fault.PARTLY),
    Edge.ACQUIRER: (*_DEATHS, *_SILENCES),
    Edge.VENDOR: (*_DEATHS, *_SILENCES, Fault.THROTTLED, Fault.FAILED_AFTER),
    Edge.RECEIVER: (*_DEATHS, *_SILENCES),
}
_CONFLICTING = WRITES


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call across an edge. Its number is its place in the story, which is the same in each repetition."""

    number: int
    edge: Edge
    operation: str

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that this call can have."""
        return _KINDS[self.edge] + ((Fault.CONFLICT,) if self.operation in _CONFLICTING else ())


class Plan(Protocol):
    """Selects the calls that fail, and their faults."""

    def strike(self, call: Call) -> Fault | None:
        """The fault of ``call``, or None."""
        ...


@dataclass(frozen=True)
class NoFaults:
    """No call fails."""

    def strike(self, call: Call) -> Fault | None:
        return None


@dataclass(frozen=True, kw_only=True)
class OneFault:
    """One call fails; with ``length`` above 1, the following calls on the same edge fail too."""

    number: int
    fault: Fault
    length: int = 1
    _struck: list[Call] = field(default_factory=list)

    def strike(self, call: Call) -> Fault | None:
        if call.number < self.number or len(self._struck) >= self.length:
            return None
        if self._struck and call.edge is not self._struck[0].edge:
            return None
        self._struck.append(call)
        return self.fault if self.fault in call.faults else None


@dataclass
class RandomFaults:
    """Calls fail at random, some of them in a storm on the same edge, until ``budget`` is used up."""

    random: Random
    rate: float
    budget: int
    _storm: list[tuple[Edge, Fault]] = field(default_factory=list)

    def strike(self, call: Call) -> Fault | None:
        if self.budget <= 0:
            return None
        fault = self._of_storm(call) or self._alone(call)
        self.budget -= fault is not None
        return fault

    def _of_storm(self, call: Call) -> Fault | None:
        if not self._storm or self._storm[-1][0] is not call.edge:
            return None
        _, fault = self._storm.pop()
        return fault if fault in call.faults else None

    def _alone(self, call: Call) -> Fault | None:
        if self.random.random() >= self.rate:
            return None
        fault = self.random.choice(call.faults)
        if not self._storm and self.random.random() < STORM_RATE:
            self._storm = [(call.edge, fault)] * self.random.randint(2, MAX_STORM)
        return fault


STORM_RATE = 0.15
MAX_STORM = 9  # exceeds the four tries of AWS's client and the eight of a transaction
