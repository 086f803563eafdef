"""A merchant: who is paid, how they prove who they are, and where their webhooks go."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

SECRET_OVERLAP = timedelta(hours=24)
DISABLE_AFTER = timedelta(days=5)


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint:
    """Where a merchant's webhooks go and what signs them. No URL: nothing is owed.

    ``failing_since`` is the first of the failures that no success has ended; an endpoint that fails for
    DISABLE_AFTER is not called any more, from ``disabled_at`` until its URL is saved again.
    """

    url: str | None
    secret: str
    previous_secret: str | None = None
    previous_secret_until: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets that sign at ``now``, the current one first."""
        if self.previous_secret and self.previous_secret_until and now < self.previous_secret_until:
            return [self.secret, self.previous_secret]
        return [self.secret]

    def is_to_be_disabled(self, now: datetime) -> bool:
        """Whether it has failed for too long."""
        return (
            self.disabled_at is None
            and self.failing_since is not None
            and now - self.failing_since >= DISABLE_AFTER
        )


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """One merchant. Of the API secret only its hash is kept."""

    id: str
    name: str
    email: str
    api_key: str
    api_secret_hash: str
    webhook: WebhookEndpoint
    created_at: datetime

    def accepts(self, api_secret: str) -> bool:
        """Whether this is the merchant's API secret; takes the same time for every wrong one."""
        return hmac.compare_digest(hash_api_secret(api_secret), self.api_secret_hash)


def hash_api_secret(api_secret: str) -> str:
    """SHA-256 in hex. Secrets are 160 random bits or more, so that a slow hash would add nothing."""
    return hashlib.sha256(api_secret.encode()).hexdigest()
