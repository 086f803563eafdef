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

CACHE_LIFE = timedelta(seconds=60)  # for authentication alone: how long a deactivation takes to be seen
MAX_API_KEY_CHARS = 100  # ours have 20; DynamoDB refuses to look for what is far longer
MAX_CACHED = 10_000  # about 1 KB each


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
        So a wrong secret costs what an unknown key costs: one hash and one request.
        """
        if not api_key or not api_secret or len(api_key) > MAX_API_KEY_CHARS:
            raise AuthenticationError
        now, offered = self.clock(), hash_api_secret(api_secret)
        cached = self._cached(api_key)
        if cached and cached.api_key == api_key and cached.accepts(offered, now):
            return cached
        merchant = self.merchants.find_by_api_key(api_key)
        if merchant is None or not merchant.accepts(offered, now):
            raise AuthenticationError
        return self._kept(merchant)

    def known(self, merchant_id: str) -> Merchant | None:
        """The merchant as they were at most CACHE_LIFE ago, None if gone or deactivated.

        No request when warm.
        """
        cached = self._cached(merchant_id)
        if cached:
            return cached
        merchant = self.merchants.get(merchant_id)
        return self._kept(merchant) if merchant and merchant.is_active else None

    def find_by_email(self, address: str) -> Merchant | None:
        """The active merchant with that ``email_address``. 1 request."""
        merchant = self.merchants.find_by_email(address) if address else None
        return merchant if merchant and merchant.is_active else None

    def webhook_endpoint(self, merchant_id: str) -> WebhookEndpoint:
        """Where the merchant's webhooks go, read fresh. 1 request."""
        return _endpoint(self.merchants.get(merchant_id))

    def get(self, merchant_id: str) -> Merchant:
        """The merchant who calls, read fresh. 1 request."""
        merchant = self.merchants.get(merchant_id)
        if merchant is None:
            raise AuthenticationError
        return merchant

    def webhook_endpoints(self, merchant_ids: Iterable[str]) -> dict[str, WebhookEndpoint]:
        """Where the webhooks of these merchants go, read fresh. 1 request for up to 100."""
        return {id_: merchant.webhook for id_, merchant in self.merchants.get_many(merchant_ids).items()}

    def set_webhook_url(self, merchant_id: str, url: str | None) -> WebhookEndpoint:
        """Save where webhooks go; None: nowhere. 1 request."""
        return _endpoint(self.merchants.set_webhook_url(merchant_id, url))

    def regenerate_webhook_secret(self, merchant_id: str) -> WebhookEndpoint:
        """Sign with a new secret, and for SECRET_OVERLAP with the one before too. 1 request."""
        until = self.clock() + SECRET_OVERLAP
        secret = new_signing_secret(self.random)
        return _endpoint(self.merchants.set_webhook_secret(merchant_id, secret, previous_until=until))

    def _cached(self, key: str) -> Merchant | None:
        cached = self._cache.get(key)
        if cached is None or self.clock() - cached.read_at > CACHE_LIFE:
            return None
        return cached.merchant

    def _kept(self, merchant: Merchant) -> Merchant:
        """The merchant, kept under each of what they are asked for by."""
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        cached = _Cached(merchant, self.clock())
        self._cache[merchant.api_key] = self._cache[merchant.id] = cached
        return merchant


def _endpoint(merchant: Merchant | None) -> WebhookEndpoint:
    """The endpoint of who calls; a merchant who is gone meanwhile is let in no more."""
    if merchant is None:
        raise AuthenticationError
    return merchant.webhook
