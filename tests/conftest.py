"""What every test may use."""

import os
from collections.abc import Iterator
from functools import cache

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from infra.local.loopback import bypass_proxies
from tests.cloud import CREDENTIALS, Cloud, cloud
from tests.moto_lock import one_request_at_a_time

pytest_plugins = ["tests.repeat", "tests.schedule", "tests.secrecy.plugin", "tests.stack"]

# A busy machine is no failure: how long an example takes says nothing about the rules.
settings.register_profile("patient", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1_000)  # --hypothesis-profile=long
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """botocore reads its models anew for every session, and pynamodb makes one for every table."""
    read_once = staticmethod(cache(JSONFileLoader().load_file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", read_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_proxy_to_this_machine() -> None:
    bypass_proxies(os.environ)


@pytest.fixture(scope="session", autouse=True)
def _moto_is_serialised() -> Iterator[None]:
    with one_request_at_a_time():
        yield


@pytest.fixture(autouse=True)
def _no_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    with cloud() as made:
        made.gateway.onboarding.seed_test_merchant()
        yield made
