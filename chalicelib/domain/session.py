"""A session: a dashboard's sign-in. Of its token only a hash is kept."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

SESSION_LIFE = timedelta(hours=12)
_TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Session:
    """One sign-in of one merchant."""

    token_hash: str
    merchant_id: str
    expires_at: datetime


def new_token(random: Random) -> str:
    """A token nobody can guess: 256 random bits."""
    return base64.urlsafe_b64encode(random.randbytes(_TOKEN_BYTES)).decode().rstrip("=")


def hash_token(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
