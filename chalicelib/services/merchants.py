"""Merchants: who calls, and where their webhooks go."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import SECRET_OVERLAP, Merchant, WebhookEndpoint, hash_api_secret
from chalicelib.domain.signature import new_signing_secret
from chalicelib.store.merchants import MerchantStore

CACHE_LIFE = timedelta(seconds=60)  # for authentication alone: how long a roll takes to be seen
MAX_CACHED = 10_000  # about 1 KB each

TEST_MERCHANT_ID = "550e8400-e29b-41d4-a716-446655440000"
TEST_API_KEY = "key_test_abc123"
TEST_API_SECRET = "secret_test_xyz789"  # noqa: S105 - public, and only outside production
TEST_SIGNING_SECRET = "whsec_test_abc123"  # noqa: S105 - as above


@dataclass(frozen=True)
class _Cached:
    merchant: Merchant
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class MerchantService:
    """All merchants. Those that call are kept in memory, for at most CACHE_LIFE."""

    merchants: MerchantStore
    clock: Clock
    random: Random
    _cache: dict[str, _Cached] = field(default_factory=dict)

    def authenticate(self, api_key: str | None, api_secret: str | None) -> Merchant:
        """Whose key and secret these are; raises AuthenticationError. No request to AWS when warm.

        A secret that a kept merchant does not accept may be newer than what is kept, so it is read again.
        """
        if not api_key or not api_secret:
            raise AuthenticationError
        cached = self._cached(api_key)
        if cached and cached.accepts(api_secret):
            return cached
        merchant = self.merchants.find_by_api_key(api_key)
        if merchant is None or not merchant.accepts(api_secret):
            raise AuthenticationError
        self._keep(merchant)
        return merchant

    def webhook_endpoint(self, merchant_id: str) -> WebhookEndpoint:
        """Where the merchant's webhooks go, read fresh. 1 request."""
        merchant = self.merchants.get(merchant_id)
        if merchant is None:
            raise AuthenticationError
        return merchant.webhook

    def webhook_endpoints(self, merchant_ids: Iterable[str]) -> dict[str, WebhookEndpoint]:
        """Where the webhooks of these merchants go, read fresh. 1 request for up to 100."""
        return {id_: merchant.webhook for id_, merchant in self.merchants.get_many(merchant_ids).items()}

    def set_webhook_url(self, merchant_id: str, url: str | None) -> WebhookEndpoint:
        """Save where webhooks go; None: nowhere. 1 request."""
        return self.merchants.set_webhook_url(merchant_id, url).webhook

    def regenerate_webhook_secret(self, merchant_id: str) -> WebhookEndpoint:
        """Sign with a new secret, and for SECRET_OVERLAP with the one before too. 1 request."""
        until = self.clock() + SECRET_OVERLAP
        secret = new_signing_secret(self.random)
        return self.merchants.set_webhook_secret(merchant_id, secret, previous_until=until).webhook

    def test_merchant(self) -> Merchant | None:
        """The seeded test merchant, None where it was not seeded. 1 request."""
        return self.merchants.get(TEST_MERCHANT_ID)

    def seed_test_merchant(self) -> bool:
        """Write the test merchant of the documentation, once; False when it was there. 1 request."""
        return self.merchants.create(
            Merchant(
                id=TEST_MERCHANT_ID,
                name="Test Merchant",
                email="test@example.com",
                api_key=TEST_API_KEY,
                api_secret_hash=hash_api_secret(TEST_API_SECRET),
                webhook=WebhookEndpoint(url=None, secret=TEST_SIGNING_SECRET),
                created_at=self.clock(),
            )
        )

    def _cached(self, api_key: str) -> Merchant | None:
        cached = self._cache.get(api_key)
        if cached is None or self.clock() - cached.read_at > CACHE_LIFE:
            return None
        return cached.merchant

    def _keep(self, merchant: Merchant) -> None:
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[merchant.api_key] = _Cached(merchant, self.clock())
