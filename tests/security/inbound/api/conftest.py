"""Attacks on the API on moto's AWS, with the fixtures of the API's own tests."""

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
from tests.security.inbound.api.belongings import Belongings, furnish

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
def owner(shared_cloud: Cloud, password_hash: str) -> Belongings:
    """A merchant who has some of everything; made once a module, for tests that do not change it."""
    return _furnished(shared_cloud, password_hash)


@pytest.fixture(scope="module")
def other(shared_cloud: Cloud, password_hash: str) -> Belongings:
    """Another one, who may do what it likes."""
    return _furnished(shared_cloud, password_hash)


def _furnished(cloud: Cloud, password_hash: str) -> Belongings:
    cloud.time.move_to(START)  # wherever the test before has left it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.api.routing.gateway", lambda: cloud.gateway)
        return furnish(cloud, take_in(cloud, Client(app.app).http, password_hash))
