"""Sessions of the dashboard. Only a hash of the session token is stored."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.ids import new_id

SESSION_LIFE = timedelta(hours=12)
_TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session of one merchant.

    ``epoch`` is the session epoch of the merchant at sign-in; None in rows without one.
    """

    token_hash: str
    merchant_id: str
    expires_at: datetime
    epoch: str | None = None


def new_token(random: Random) -> str:
    """A session token: 256 random bits."""
    return base64.urlsafe_b64encode(random.randbytes(_TOKEN_BYTES)).decode().rstrip("=")


def new_epoch(random: Random) -> str:
    """A new session epoch. It is random, so that a repeated write ends no session created in between."""
    return new_id("epoch_", random)


def hash_token(token: str) -> str:
    """The hash to store for ``token``."""
    return hashlib.sha256(token.encode()).hexdigest()
