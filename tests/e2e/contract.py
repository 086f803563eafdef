"""The parts of the public contract that the tests here and in `tests.contract` assert.

A test or its module declares them with ``@pytest.mark.contract(section, *subjects)``. A subject is a route
(``POST /orders``), an error code or an event name. `test_contract` checks that the marks cover the contract;
`tests.e2e.claims` checks while a test runs that it sends the requests and gets the errors it declares.
"""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests

import app
import tests.contract
import tests.e2e
from chalicelib.domain.event import EventName

BASE = "/api/v1"
SECTIONS = {
    "1": "Addresses",
    "2": "Authentication",
    "3": "Errors",
    "4": "Identifiers, times, money",
    "5": "Routes",
    "6": "Validation",
    "7": "Processing",
    "8": "Webhooks",
    "9": "Idempotency",
    "12": "Additions",
}
ROUTES = {
    f"{endpoint.method} {endpoint.path.removeprefix(BASE)}": re.compile(
        f"{endpoint.method} {re.sub('{[a-z_]+}', '[^/]+', endpoint.path)}"
    )
    for endpoint in app.router.routes
}
ERRORS = {
    "AUTHENTICATION_ERROR": 401,
    "BAD_REQUEST_ERROR": 400,
    "NOT_FOUND_ERROR": 404,
    "INVALID_VPA": 400,
    "INVALID_CARD": 400,
    "EXPIRED_CARD": 400,
    "INVALID_CURRENCY": 400,
    "AMOUNT_TOO_SMALL": 400,
    "ORDER_ALREADY_PAID": 409,
    "PAYMENT_IN_PROGRESS": 409,
    "ORDER_EXPIRED": 409,
    "CLOCK_ADVANCING": 409,
    "API_SECRET_CONFLICT": 409,
    "TOO_MANY_ATTEMPTS": 429,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "RATE_LIMIT_ERROR": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
SUBJECTS = ROUTES.keys() | ERRORS.keys() | set(map(str, EventName))


@dataclass(frozen=True)
class Claim:
    """A test's declaration that it asserts a section, or one subject of it."""

    test: str
    section: str
    subject: str | None = None


def claims() -> Iterator[Claim]:
    """The claims of all tests, selected or not."""
    for name, function in asserting_functions():
        marks = [*_marks(importlib.import_module(function.__module__)), *_marks(function)]
        for mark in marks:
            section, *subjects = mark.args
            for subject in subjects or [None]:
                yield Claim(name, section, subject)


def asserting_functions() -> Iterator[tuple[str, object]]:
    """All tests of both folders, over HTTP and in process, with their names."""
    for package in (tests.e2e, tests.contract):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if ".test_" in found.name:
                module = importlib.import_module(found.name)
                for name, value in vars(module).items():
                    if name.startswith("test_") and getattr(value, "__module__", None) == module.__name__:
                        yield f"{found.name}::{name}", value


def is_fulfilled(subject: str, exchanges: Iterable[requests.Response]) -> bool:
    """Whether ``exchanges`` contain the route or the error of ``subject``."""
    if subject in ROUTES:
        return any(ROUTES[subject].fullmatch(_request_line(answer)) for answer in exchanges)
    if subject in ERRORS:
        return any((ERRORS[subject], subject) == _error(answer) for answer in exchanges)
    return True


def _request_line(answer: requests.Response) -> str:
    return f"{answer.request.method} {urlsplit(answer.request.url or '').path!s}"


def _error(answer: requests.Response) -> tuple[int, str] | None:
    try:
        return answer.status_code, str(json.loads(answer.text)["error"]["code"])
    except (ValueError, TypeError, KeyError):
        return None


def _marks(of: object) -> Iterator[pytest.Mark]:
    """The ``contract`` marks of a function or module, and of a function's parameter sets."""
    given = getattr(of, "pytestmark", [])
    for mark in given if isinstance(given, list) else [given]:
        match mark.name:
            case "contract":
                yield mark if isinstance(mark, pytest.Mark) else mark.mark
            case "parametrize":
                for case in mark.args[1]:
                    yield from (each.mark for each in getattr(case, "marks", ()) if each.name == "contract")
