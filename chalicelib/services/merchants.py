"""Merchants: API key authentication."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.clock import Clock, OffsetOf
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant, hash_api_secret
from chalicelib.store.merchants import MerchantStore

CACHE_LIFE = timedelta(seconds=60)  # for authentication only: a deactivation takes effect within this time
MAX_API_KEY_CHARS = 100  # API keys have 20; DynamoDB rejects much longer keys
MAX_CACHED = 10_000  # about 1 KB each


@dataclass(frozen=True)
class _Cached:
    merchant: Merchant
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class MerchantService:
    """All merchants. Authenticated merchants are cached in memory for at most CACHE_LIFE."""

    merchants: MerchantStore
    real_clock: Clock
    offset_of: OffsetOf
    _cache: dict[str, _Cached] = field(default_factory=dict)

    def authenticate(self, api_key: str | None, api_secret: str | None) -> Merchant:
        """The merchant with this key and secret. No request to AWS if cached. Raises AuthenticationError.

        A secret that the cached merchant does not accept can be newer than the cache, so the merchant is read
        again. A wrong secret therefore costs as much as an unknown key: one hash and one request.
        """
        if not api_key or not api_secret or len(api_key) > MAX_API_KEY_CHARS:
            raise AuthenticationError
        secret_hash = hash_api_secret(api_secret)
        cached = self._cached(api_key)
        if cached and cached.api_key == api_key and cached.accepts(secret_hash, self._now_of(cached)):
            return cached
        merchant = self.merchants.find_by_api_key(api_key)
        if merchant is None or not merchant.accepts(secret_hash, self._now_of(merchant)):
            raise AuthenticationError
        return self._store(merchant)

    def find_active(self, merchant_id: str) -> Merchant | None:
        """The merchant, at most CACHE_LIFE old; None if it does not exist or is deactivated.

        No request if cached.
        """
        cached = self._cached(merchant_id)
        if cached:
            return cached
        merchant = self.merchants.get(merchant_id)
        return self._store(merchant) if merchant and merchant.is_active else None

    def find_by_email(self, address: str) -> Merchant | None:
        """The active merchant with this ``email_address``. 1 request."""
        merchant = self.merchants.find_by_email(address) if address else None
        return merchant if merchant and merchant.is_active else None

    def get(self, merchant_id: str) -> Merchant:
        """The merchant, not cached. 1 request. Raises AuthenticationError if it does not exist."""
        merchant = self.merchants.get(merchant_id)
        if merchant is None:
            raise AuthenticationError
        return merchant

    def _now_of(self, merchant: Merchant) -> datetime:
        """The time of the merchant, if the merchant has a secret that expires."""
        now = self.real_clock()
        return now + self.offset_of(merchant.id) if merchant.previous_api_secret_until else now

    def _cached(self, key: str) -> Merchant | None:
        cached = self._cache.get(key)
        if cached is None or self.real_clock() - cached.read_at > CACHE_LIFE:
            return None
        return cached.merchant

    def _store(self, merchant: Merchant) -> Merchant:
        """Cache the merchant by API key and by id."""
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        cached = _Cached(merchant, self.real_clock())
        self._cache[merchant.api_key] = self._cache[merchant.id] = cached
        return merchant
