"""Operator tasks for merchants: create, roll a secret, set a password, deactivate."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.clock import Clock, OffsetOf, no_offset
from chalicelib.domain.errors import GatewayError
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.merchant import (
    Merchant,
    email_address,
    fingerprint,
    hash_api_secret,
    new_api_key,
    new_api_secret,
)
from chalicelib.domain.password import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, hash_password
from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.domain.session import new_epoch
from chalicelib.domain.signature import new_signing_secret
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.services.api_secrets import ApiSecretService
from chalicelib.store.merchants import MerchantStore

TEST_MERCHANT_ID = "550e8400-e29b-41d4-a716-446655440000"
TEST_EMAIL = "test@example.com"
TEST_API_KEY = "key_test_abc123"
TEST_API_SECRET = "secret_test_xyz789"  # noqa: S105 - public; exists only outside production
TEST_SIGNING_SECRET = "whsec_test_abc123"  # noqa: S105 - as above
TEST_PASSWORD = "dashboard_test_123"  # noqa: S105 - as above


class OnboardingError(Exception):
    """The operator's request failed. The message is the reason."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A merchant and its API secret, which is shown only once."""

    merchant: Merchant
    api_secret: str
    previous_until: datetime | None = None
    """The end of the overlap with the previous secret."""


@dataclass(frozen=True, kw_only=True)
class OnboardingService:
    """Manages merchants for the operator."""

    merchants: MerchantStore
    clock: Clock
    random: Random
    offset_of: OffsetOf = no_offset

    def create(self, *, name: str, email: str, password: str) -> Credentials:
        """Create a merchant with new secrets. Raises OnboardingError.

        Two concurrent calls for one address can both succeed. Operators run one at a time.
        """
        address = email_address(email)
        if "@" not in address:
            raise OnboardingError("the email address is not valid")
        _check_password(password)
        if self.merchants.find_by_email(address):
            raise OnboardingError(f"a merchant with the address {address} already exists")
        api_secret = new_api_secret(self.random)
        merchant = Merchant(
            id=str(uuid.UUID(bytes=self.random.randbytes(16), version=4)),
            name=name,
            email=address,
            api_key=new_api_key(self.random),
            api_secret_hash=hash_api_secret(api_secret),
            password_hash=hash_password(password, self.random),
            webhook=WebhookEndpoint(url=None, secret=new_signing_secret(self.random)),
            created_at=self.clock(),
        )
        self.merchants.create(merchant)
        return Credentials(merchant=merchant, api_secret=api_secret)

    def roll_api_secret(
        self, merchant_id: str, *, overlap: timedelta, replaces: str | None = None
    ) -> Credentials:
        """Create a new API secret, as ``ApiSecretService.rotate``. Without an overlap, all others end.

        Raises OnboardingError.
        """
        merchant = _existing(self.merchants.get(merchant_id), merchant_id)
        ended = replaces if overlap else fingerprint(merchant.api_secret_hash)
        now = self.clock() + self.offset_of(merchant_id)
        secrets = ApiSecretService(merchants=self.merchants, clock=lambda: now, random=self.random)
        try:
            rotated = secrets.rotate(merchant, overlap=overlap, replaces=ended)
        except GatewayError as error:
            raise OnboardingError(error.description) from error
        return Credentials(
            merchant=merchant, api_secret=rotated.api_secret, previous_until=rotated.previous_until
        )

    def id_of(self, merchant: str) -> str:
        """The id of ``merchant``, an id or an email address. Raises OnboardingError."""
        if not merchant:
            raise OnboardingError("specify the merchant by its id or email address")
        if "@" not in merchant:
            return merchant
        return _existing(self.merchants.find_by_email(email_address(merchant)), merchant).id

    def set_password(self, merchant_id: str, password: str) -> Merchant:
        """Set the dashboard password and end all sessions immediately. Raises OnboardingError. 1 request."""
        _check_password(password)
        password_hash, epoch = hash_password(password, self.random), new_epoch(self.random)
        return _existing(self.merchants.set_password(merchant_id, password_hash, epoch=epoch), merchant_id)

    def end_sessions(self, merchant_id: str) -> Merchant:
        """End all sessions immediately. Raises OnboardingError. 1 request."""
        epoch = new_epoch(self.random)
        return _existing(self.merchants.end_sessions(merchant_id, epoch=epoch), merchant_id)

    def set_acquirer(self, merchant_id: str, method: PaymentMethod, name: str) -> Merchant:
        """Set the acquirer of a payment method. Takes effect within CACHE_LIFE. Raises OnboardingError.

        Only the simulated acquirer follows the test clock of a merchant.
        """
        if name != DEFAULT_ACQUIRER and self.offset_of(merchant_id):
            raise OnboardingError(f"the merchant's test clock is ahead, and {name} has the real time")
        return _existing(self.merchants.set_acquirer(merchant_id, method, name), merchant_id)

    def deactivate(self, merchant_id: str) -> Merchant:
        """Deactivate the merchant. Sessions end immediately, API keys within CACHE_LIFE.

        Raises OnboardingError.
        """
        return _existing(self.merchants.deactivate(merchant_id, now=self.clock()), merchant_id)

    def reactivate(self, merchant_id: str) -> Merchant:
        """Reactivate the merchant; no-op if it is active. Raises OnboardingError. 1 request.

        API keys and the password are valid again. Sessions from before the deactivation stay ended.
        """
        epoch = new_epoch(self.random)
        return _existing(self.merchants.reactivate(merchant_id, epoch=epoch), merchant_id)

    def seed_test_merchant(self) -> bool:
        """Create the documented test merchant. False if it exists. 1 request."""
        return self.merchants.create(
            Merchant(
                id=TEST_MERCHANT_ID,
                name="Test Merchant",
                email=TEST_EMAIL,
                api_key=TEST_API_KEY,
                api_secret_hash=hash_api_secret(TEST_API_SECRET),
                password_hash=hash_password(TEST_PASSWORD, self.random),
                webhook=WebhookEndpoint(url=None, secret=TEST_SIGNING_SECRET),
                created_at=self.clock(),
            )
        )

    def test_merchant(self) -> Merchant | None:
        """The test merchant; None if it was not created. 1 request."""
        return self.merchants.get(TEST_MERCHANT_ID)


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD_CHARS:
        raise OnboardingError(f"the password must have at least {MIN_PASSWORD_CHARS} characters")
    if len(password) > MAX_PASSWORD_CHARS:
        raise OnboardingError(f"the password must have at most {MAX_PASSWORD_CHARS} characters")


def _existing(merchant: Merchant | None, name: str) -> Merchant:
    if merchant is None:
        raise OnboardingError(f"merchant {name} does not exist")
    return merchant
