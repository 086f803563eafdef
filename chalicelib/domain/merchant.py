"""A merchant: account, credentials and default webhook endpoint."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from chalicelib.domain.ids import new_id
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.domain.return_url import origin_of
from chalicelib.domain.session import Session
from chalicelib.domain.time_zone import DEFAULT_TIME_ZONE
from chalicelib.domain.webhook_endpoint import EndpointKey, WebhookEndpoint

MAX_RETURN_ORIGINS = 20
FINGERPRINT_CHARS = 8  # distinguishes the two secrets of a merchant


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """One merchant. Only the hash of the API secret is stored.

    A session is valid while it has the merchant's ``session_epoch``: a new epoch ends all sessions with one
    write. ``kept_session`` is the token hash of the one session that the latest epoch did not end.
    ``webhook`` is the default endpoint, and ``endpoint_ids`` are the ids of the others. Buyers may return to
    pages of ``return_origins``. ``acquirers`` has the acquirer's name by payment method. ``time_zone`` is the
    IANA name of the zone in which the merchant reads times and days.
    """

    id: str
    name: str
    email: str
    api_key: str
    api_secret_hash: str = field(repr=False)
    previous_api_secret_hash: str | None = field(default=None, repr=False)
    previous_api_secret_until: datetime | None = None
    password_hash: str | None = field(default=None, repr=False)
    webhook: WebhookEndpoint
    endpoint_ids: frozenset[str] = frozenset()
    return_origins: frozenset[str] = frozenset()
    time_zone: str = DEFAULT_TIME_ZONE
    acquirers: Mapping[PaymentMethod, str] = field(default_factory=dict, hash=False)
    created_at: datetime
    deactivated_at: datetime | None = None
    session_epoch: str | None = None
    kept_session: str | None = field(default=None, repr=False)

    @property
    def other_endpoints(self) -> list[EndpointKey]:
        """The keys of the endpoints other than the default one, sorted."""
        return [EndpointKey(self.id, endpoint_id) for endpoint_id in sorted(self.endpoint_ids)]

    @property
    def is_active(self) -> bool:
        """Whether the merchant is not deactivated."""
        return self.deactivated_at is None

    def acquirer_of(self, method: PaymentMethod) -> str:
        """The name of the acquirer that moves the money of the payment method."""
        return self.acquirers.get(method, DEFAULT_ACQUIRER)

    def allows_return(self, url: str) -> bool:
        """Whether buyers may return to ``url``."""
        return origin_of(url) in self.return_origins

    def accepts(self, offered: str, now: datetime) -> bool:
        """Whether ``offered`` is the hash of the API secret, or of the previous one during its overlap.

        Takes the same time for every wrong hash.
        """
        is_current = hmac.compare_digest(offered, self.api_secret_hash)
        is_previous = hmac.compare_digest(offered, self.previous_api_secret_hash or "")
        in_overlap = self.previous_api_secret_until is not None and now < self.previous_api_secret_until
        return self.is_active and (is_current or (is_previous and in_overlap))

    def valid_api_secret_hashes(self, now: datetime) -> tuple[str, ...]:
        """The hash of the API secret, and during an overlap also that of the previous one."""
        until, previous = self.previous_api_secret_until, self.previous_api_secret_hash
        if previous and until and now < until:
            return self.api_secret_hash, previous
        return (self.api_secret_hash,)

    def has_password_hash(self, offered: str) -> bool:
        """Whether the password still has this hash."""
        return hmac.compare_digest(offered, self.password_hash or "")

    def accepts_session(self, session: Session) -> bool:
        """Whether the session, which has not expired, is still valid."""
        is_current = session.epoch == self.session_epoch
        is_kept = hmac.compare_digest(session.token_hash, self.kept_session or "")
        return self.is_active and (is_current or is_kept)


def email_address(text: str) -> str:
    """The normalized email address, by which merchants are stored and found."""
    return text.strip().lower()


def new_api_key(random: Random) -> str:
    """A new API key. It is not a secret."""
    return new_id("key_", random)


def new_api_secret(random: Random) -> str:
    """A new API secret: 240 random bits."""
    return "secret_" + base64.urlsafe_b64encode(random.randbytes(30)).decode()


def fingerprint(secret_hash: str) -> str:
    """What identifies an API secret without revealing it: the first FINGERPRINT_CHARS of its hash."""
    return secret_hash[:FINGERPRINT_CHARS]


def hash_api_secret(api_secret: str) -> str:
    """SHA-256 in hex. Secrets have 160 random bits or more, so a slow hash would add nothing."""
    return hashlib.sha256(api_secret.encode()).hexdigest()
