"""The HTTP requests and responses of all acquirers, and the interface of the transport that sends them.

An adapter turns an operation into a Request, and a Response into a Result; it sends nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

DEADLINE_S = 8.0  # three requests of one operation end before the time-out of a worker


class NoResultError(Exception):
    """The result of a request is Unknown. The error contains nothing of the request and the response."""


class NoResponseError(NoResultError):
    """No complete response was received."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. ``repr`` does not contain headers and body, which contain credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Response:
    """The response, with any status. The names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends requests."""

    def send(self, request: Request) -> Response:
        """The response. Raises NoResponseError."""
        ...
