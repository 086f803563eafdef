"""Fixtures of the tests that run against the stack of `tests.stack`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.api import Api
from tests.e2e.claims import _claims_are_fulfilled

__all__ = ["_claims_are_fulfilled"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture
def other_merchant(new_merchant: Callable[..., Api]) -> Api:
    return new_merchant()
