"""Hostile URLs at ``PUT /webhooks/config`` in production, and the URLs that local stages accept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from chalice.test import Client

import app
from chalicelib.bootstrap import Gateway
from tests.api.client import Api, Http, assert_bad_request, shown
from tests.cloud import CREDENTIALS, cloud
from tests.security.outbound.corpus import (
    CORPUS,
    NO_HOST,
    NO_HTTP,
    NO_URL,
    NO_USER,
    NOT_PRINTABLE,
    PUBLIC,
    PUBLIC_V6,
    Hostile,
)

LEAST_URLS = 120
SAVED = "https://shop.example/webhook"
ALWAYS_REFUSED = {NO_USER, NO_HOST, NO_URL, NO_HTTP, NOT_PRINTABLE}

every_url = pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: ascii(hostile.url))


@dataclass(frozen=True)
class Shop:
    """A merchant of a production stage."""

    api: Api
    gateway: Gateway


@pytest.fixture(scope="module", name="shop")
def _shop() -> Iterator[Shop]:
    """Created once, because creation takes longer than the tests."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        with cloud(STAGE="production") as made:
            shop = made.gateway.onboarding.create(
                name="Shop", email="shop@example.com", password="correct horse battery"
            )
            credentials = {"X-Api-Key": shop.merchant.api_key, "X-Api-Secret": shop.api_secret}
            http: Http = Client(app.app).http
            yield Shop(Api(http, shop.merchant.id, credentials), made.gateway)


@pytest.fixture(name="production")
def _production(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: shop.gateway)
    return shop.api


@pytest.fixture(name="one_machine")
def _one_machine(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Api:
    settings = replace(shop.gateway.settings, stage="local", allow_private_webhook_addresses=True)
    gateway = replace(shop.gateway, settings=settings)
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: gateway)
    return shop.api


def test_the_corpus_is_large_and_has_no_duplicates():
    assert len({hostile.url for hostile in CORPUS}) == len(CORPUS) >= LEAST_URLS


@every_url
def test_a_hostile_url_is_rejected_with_its_reason_if_it_is_recognisable(production: Api, hostile: Hostile):
    shown(production.put("/webhooks/config", {"webhook_url": SAVED}))
    response = production.put("/webhooks/config", {"webhook_url": hostile.url})
    if hostile.refused:
        assert_bad_request(response, f"webhook_url {hostile.refused}", "webhook_url")
        assert shown(production.get("/webhooks/config"))["webhook_url"] == SAVED
    else:
        assert shown(response)["webhook_url"] == hostile.url


@pytest.mark.parametrize(
    "url",
    [
        "https://merchant.example",
        "https://merchant.example./hook?shop=1#part",
        "HTTPS://MERCHANT.EXAMPLE:443/Hook",
        "https://merchant.example:1024/",
        "https://merchant.example:65535/",
        "https://a_b.xn--mnchen-3ya.example:/",
        "https://1.2.3.merchant.example/",
        "https://internal.example/",
        "https://mylocalhost.example/",
        f"https://{PUBLIC}/hook",
        f"https://[{PUBLIC_V6}]:8443/hook",
    ],
)
def test_a_public_https_url_is_saved(production: Api, url: str):
    assert shown(production.put("/webhooks/config", {"webhook_url": url}))["webhook_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:4000/webhook",
        "http://127.0.0.1:80/",
        "http://[::1]:4000/",
        "http://receiver:22/",
        "https://10.0.0.1/",
    ],
)
def test_a_local_stage_accepts_urls_that_production_rejects(one_machine: Api, url: str):
    assert shown(one_machine.put("/webhooks/config", {"webhook_url": url}))["webhook_url"] == url


@pytest.mark.parametrize(
    "hostile",
    [one for one in CORPUS if one.refused in ALWAYS_REFUSED],
    ids=lambda hostile: ascii(hostile.url),
)
def test_a_local_stage_rejects_invalid_urls_and_credentials(one_machine: Api, hostile: Hostile):
    response = one_machine.put("/webhooks/config", {"webhook_url": hostile.url})
    assert_bad_request(response, f"webhook_url {hostile.refused}", "webhook_url")
