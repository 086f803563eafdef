"""The rate limit per merchant."""

from collections.abc import Iterator

import pytest

from tests.api.client import Api, assert_error, shown
from tests.cloud import Cloud
from tests.cloud import cloud as new_cloud

BURST = 4


@pytest.fixture(name="cloud")
def _cloud() -> Iterator[Cloud]:
    with new_cloud(RATE_LIMIT_PER_S=str(BURST // 2)) as made:
        yield made


@pytest.fixture
def refused(merchant: Api) -> Api:
    """A merchant without remaining burst capacity."""
    for _ in range(BURST):
        shown(merchant.get("/orders"))
    return merchant


def test_a_request_after_the_burst_gets_retry_after(cloud: Cloud, refused: Api):
    response = refused.get("/orders")
    assert_error(response, 429, "RATE_LIMIT_ERROR", "Too many requests; try again later")
    assert response.headers["Retry-After"] == "1"
    cloud.time.shift(1)
    shown(refused.get("/orders"))


def test_a_rejected_request_does_nothing(cloud: Cloud, refused: Api, aws_requests: list[str]):
    for method, path in (("POST", "/orders"), ("POST", "/webhooks/test"), ("GET", "/stats")):
        assert refused.request(method, path, {"amount": 500}).status_code == 429
    assert aws_requests == []


def test_another_merchant_is_not_limited(refused: Api, stranger: Api):
    assert refused.get("/orders").status_code == 429
    shown(stranger.get("/orders"))


def test_wrong_credentials_do_not_use_burst_capacity(merchant: Api):
    wrong = Api(merchant.http, "", {**merchant.credentials, "X-Api-Secret": "wrong"})
    for _ in range(2 * BURST):
        assert wrong.get("/orders").status_code == 401
    shown(merchant.get("/orders"))
