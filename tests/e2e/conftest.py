"""Everything here runs against the one stack of `tests.stack`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.api import Api
from tests.e2e.contract import is_borne_out


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "contract(section, *subjects): what of the public contract it asserts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(autouse=True)
def _claims_are_borne_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test asks for the routes that it claims to assert, and gets the errors."""
    exchanges: list[requests.Response] = []
    send = requests.Session.send

    def send_and_note(session: requests.Session, *given: Any, **options: Any) -> requests.Response:
        answer = send(session, *given, **options)
        exchanges.append(answer)
        return answer

    monkeypatch.setattr(requests.Session, "send", send_and_note)
    yield
    claimed = [subject for mark in request.node.iter_markers("contract") for subject in mark.args[1:]]
    assert [subject for subject in claimed if not is_borne_out(subject, exchanges)] == []


@pytest.fixture
def other_merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
