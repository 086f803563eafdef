"""Fixtures for adapters: a clock, credentials in memory, and the log."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.acquirers.credentials import CredentialStore, MerchantCredentials
from chalicelib.domain.clock import Clock
from chalicelib.observability import logger


@dataclass
class FakeClock:
    """A clock that is moved by the test."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 28, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class NoParameterError(Exception):
    """There are no credentials."""


@dataclass
class FakeParameters:
    """The Parameter Store with one value."""

    value: dict[str, str] | None
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(ParameterNotFound=NoParameterError))

    def get_parameter(self, **_: object) -> dict[str, Any]:
        if self.value is None:
            raise NoParameterError
        return {"Parameter": {"Value": json.dumps(self.value)}}


def credentials_of(
    value: dict[str, str] | None, clock: Clock, *, acquirer: str = "stripe"
) -> MerchantCredentials:
    """The credentials of one merchant, which has ``value``."""
    store = CredentialStore(path="/gateway", client=lambda _: FakeParameters(value), clock=clock)
    return MerchantCredentials(store=store, merchant_id="merchant", acquirer=acquirer)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """The text of the log."""
    text = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", text)
    return text
