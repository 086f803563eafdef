"""A test marked with a route or an error of the contract must send that request and get that error."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.e2e.contract import is_fulfilled


@pytest.fixture(autouse=True)
def _claims_are_fulfilled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Assert that the test has sent the requests and got the errors of its marks."""
    exchanges: list[requests.Response] = []
    send = requests.Session.send

    def send_and_record(session: requests.Session, *given: Any, **options: Any) -> requests.Response:
        response = send(session, *given, **options)
        exchanges.append(response)
        return response

    monkeypatch.setattr(requests.Session, "send", send_and_record)
    yield
    claimed = [subject for mark in request.node.iter_markers("contract") for subject in mark.args[1:]]
    assert [subject for subject in claimed if not is_fulfilled(subject, exchanges)] == []
