"""What the tests here and in `tests.contract` assert of the public contract.

A test says so with ``@pytest.mark.contract(section, *subjects)``, its module with ``pytestmark``. A subject
is a route (``POST /orders``), an error's code or an event's name. `test_contract` holds that nothing of the
contract is left out; that a test asks for the routes and gets the errors it names is held while it runs.
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
    "TOO_MANY_ATTEMPTS": 429,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "RATE_LIMIT_ERROR": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
SUBJECTS = ROUTES.keys() | ERRORS.keys() | set(map(str, EventName))


@dataclass(frozen=True)
class Claim:
    """A test asserts a section, of a subject or as a whole."""

    test: str
    section: str
    subject: str | None = None


def claims() -> Iterator[Claim]:
    """Every claim of every such test, whichever of them are being run."""
    for name, function in asserting_functions():
        marks = [*_marks(importlib.import_module(function.__module__)), *_marks(function)]
        for mark in marks:
            section, *subjects = mark.args
            for subject in subjects or [None]:
                yield Claim(name, section, subject)


def asserting_functions() -> Iterator[tuple[str, object]]:
    """Every test over HTTP, and in process, by the folder and the name pytest gives it."""
    for package in (tests.e2e, tests.contract):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if ".test_" in found.name:
                module = importlib.import_module(found.name)
                for name, value in vars(module).items():
                    if name.startswith("test_") and getattr(value, "__module__", None) == module.__name__:
                        yield f"{found.name}::{name}", value


def is_borne_out(subject: str, exchanges: Iterable[requests.Response]) -> bool:
    """Whether among what was asked and answered there is what a claim of ``subject`` says."""
    if subject in ROUTES:
        return any(ROUTES[subject].fullmatch(_asked(answer)) for answer in exchanges)
    if subject in ERRORS:
        return any((ERRORS[subject], subject) == _refusal(answer) for answer in exchanges)
    return True


def _asked(answer: requests.Response) -> str:
    return f"{answer.request.method} {urlsplit(answer.request.url or '').path!s}"


def _refusal(answer: requests.Response) -> tuple[int, str] | None:
    try:
        return answer.status_code, str(json.loads(answer.text)["error"]["code"])
    except (ValueError, TypeError, KeyError):
        return None


def _marks(of: object) -> Iterator[pytest.Mark]:
    """The contract's marks of a function or module, and of the cases of a parametrised function."""
    given = getattr(of, "pytestmark", [])
    for mark in given if isinstance(given, list) else [given]:
        match mark.name:
            case "contract":
                yield mark if isinstance(mark, pytest.Mark) else mark.mark
            case "parametrize":
                for case in mark.args[1]:
                    yield from (each.mark for each in getattr(case, "marks", ()) if each.name == "contract")
