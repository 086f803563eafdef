"""A test that claims to assert a route or an error of the contract sends the request and gets the error."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.e2e.contract import is_borne_out


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
