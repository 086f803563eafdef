"""A merchant: who is paid, how they prove who they are, and where their webhooks go."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint:
    """Where a merchant's webhooks go and what signs them. No URL: nothing is owed."""

    url: str | None
    secret: str


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
