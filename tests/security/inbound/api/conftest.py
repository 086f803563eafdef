"""Attacks on the API on moto, with the fixtures of the API tests."""

from dataclasses import replace

import pytest
from chalice.test import Client

import app
from tests.api.conftest import (
    _cloud,
    _shared_cloud,
    anonymous,
    aws_requests,
    http,
    log,
    merchant,
    new_merchant,
    password_hash,
    stranger,
    take_in,
)
from tests.cloud import START, Cloud
from tests.security.inbound.api.belongings import MerchantObjects, create_objects

__all__ = [
    "_cloud",
    "_shared_cloud",
    "anonymous",
    "aws_requests",
    "http",
    "log",
    "merchant",
    "new_merchant",
    "password_hash",
    "stranger",
]


@pytest.fixture(scope="module")
def owner(shared_cloud: Cloud, password_hash: str) -> MerchantObjects:
    """A merchant with objects of each kind; created once per module, for tests that do not change it."""
    return _with_objects(shared_cloud, password_hash)


@pytest.fixture(scope="module")
def other(shared_cloud: Cloud, password_hash: str) -> MerchantObjects:
    """A second merchant, which tests may change."""
    return _with_objects(shared_cloud, password_hash)


def _with_objects(cloud: Cloud, password_hash: str) -> MerchantObjects:
    cloud.time.move_to(START)  # each test starts at the same time
    settings = cloud.gateway.settings
    in_test_mode = replace(settings.acquirer, test_mode=True)  # some routes need it
    cloud.gateway.settings = replace(settings, acquirer=in_test_mode)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
        return create_objects(cloud, take_in(cloud, Client(app.app).http, password_hash))
