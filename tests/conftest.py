"""Fixtures of all tests."""

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache, wraps
from inspect import unwrap
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader, Loader
from hypothesis import settings

from chalicelib.domain import password
from infra.local.loopback import bypass_proxies
from tests.cloud import CREDENTIALS, Cloud, cloud
from tests.moto_expressions import expressions_are_parsed_once
from tests.moto_lock import one_request_at_a_time
from tests.moto_names import names_are_computed_once
from tests.moto_queues import messages_are_not_counted
from tests.moto_tables import rows_are_shared

pytest_plugins = ["tests.repeat", "tests.schedule", "tests.secrecy.plugin", "tests.stack"]

# No deadline: on a busy machine, the duration of an example is not a failure.
settings.register_profile("patient", deadline=None)
settings.register_profile("long", deadline=None, max_examples=1_000)  # --hypothesis-profile=long
settings.load_profile("patient")

GC_THRESHOLD = 20_000  # new objects between two collections; Python's 700 take a tenth of the tests' CPU time


def pytest_collection() -> None:
    """Collect no garbage while tests are collected, which creates little garbage and many objects."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage less often, and never search the modules and tests, which no run deletes."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """Cache botocore's models, which it would read for each of the several sessions of a gateway."""
    read_once = staticmethod(cache(JSONFileLoader().load_file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", read_once)
        for name in ("list_available_services", "determine_latest_version", "load_service_model"):
            patch.setattr(Loader, name, _once_per_search_path(getattr(Loader, name)))
        yield


def _once_per_search_path(method: Callable[..., Any]) -> Callable[..., Any]:
    """Cache the results of a loader's method for all loaders with the same search paths."""
    found: dict[Any, Any] = {}

    @wraps(method)
    def once(loader: Loader, *arguments: Any, **options: Any) -> Any:
        key = (tuple(loader.search_paths), arguments, tuple(options.items()))
        if key not in found:
            found[key] = method(loader, *arguments, **options)
        return found[key]

    return once


@pytest.fixture(scope="session", autouse=True)
def _passwords_hashed_once() -> Iterator[None]:
    """Cache password hashes, because scrypt takes 50 ms of CPU time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "_scrypt", cache(password._scrypt))
        yield


@pytest.fixture(scope="module")
def scrypt_each_time() -> Iterator[None]:
    """Disable the cache of password hashes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "_scrypt", unwrap(password._scrypt))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_proxy_to_this_machine() -> None:
    bypass_proxies(os.environ)


@pytest.fixture(scope="session", autouse=True)
def _moto_is_serialised_and_quick() -> Iterator[None]:
    with (
        one_request_at_a_time(),
        rows_are_shared(),
        expressions_are_parsed_once(),
        names_are_computed_once(),
        messages_are_not_counted(),
    ):
        yield


@pytest.fixture(autouse=True)
def _no_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the credentials, and let each test create boto3's default session, which reads them."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    with cloud() as made:
        made.gateway.onboarding.seed_test_merchant()
        yield made
