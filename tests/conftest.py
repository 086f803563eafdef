"""What every test may use."""

from collections.abc import Iterator

import pytest

from tests.cloud import CREDENTIALS, Cloud, cloud


@pytest.fixture(autouse=True)
def _no_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    with cloud() as made:
        made.gateway.onboarding.seed_test_merchant()
        yield made
