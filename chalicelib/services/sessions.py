"""Sessions of the dashboard: sign in, be known by a token, sign out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError, RateLimitError
from chalicelib.domain.merchant import Merchant, email_address
from chalicelib.domain.password import MAX_PASSWORD_CHARS, NO_PASSWORD, is_password
from chalicelib.domain.session import SESSION_LIFE, Session, hash_token, new_token
from chalicelib.observability import logger
from chalicelib.services.merchants import MerchantService
from chalicelib.store.sessions import SessionStore

MAX_ATTEMPTS = 10  # wrong ones in a window, for one email address
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A new session; the token is told this once."""

    token: str
    session: Session
    merchant: Merchant


@dataclass(frozen=True, kw_only=True)
class SessionService:
    """The sessions of all merchants."""

    sessions: SessionStore
    merchants: MerchantService
    clock: Clock
    random: Random

    def sign_in(self, email: str, password: str) -> SignedIn:
        """A session for who knows the password. 4 requests to AWS.

        Raises AuthenticationError, as slowly for an unknown address as for a wrong password, and
        RateLimitError after MAX_ATTEMPTS wrong ones in a WINDOW.
        """
        now, address = self.clock(), email_address(email)
        window_ends_at = _window_end(now)
        if self.sessions.count_attempt(address, window_ends_at=window_ends_at) > MAX_ATTEMPTS:
            raise RateLimitError(retry_after_s=int((window_ends_at - now).total_seconds()) + 1)
        merchant = self.merchants.find_by_email(address)
        kept = merchant.password_hash if merchant and merchant.password_hash else NO_PASSWORD
        if not is_password(password[:MAX_PASSWORD_CHARS], kept) or merchant is None:
            raise AuthenticationError
        self.sessions.forgive_attempts(address, window_ends_at=window_ends_at)
        token = new_token(self.random)
        session = Session(
            token_hash=hash_token(token), merchant_id=merchant.id, expires_at=now + SESSION_LIFE
        )
        self.sessions.create(session)
        logger.info("merchant signed in", merchant_id=merchant.id)
        return SignedIn(token=token, session=session, merchant=merchant)

    def authenticate(self, token: str) -> Merchant:
        """Whose session this is. 1 request when warm. Raises AuthenticationError."""
        session = self.sessions.get(hash_token(token), now=self.clock())
        merchant = self.merchants.known(session.merchant_id) if session else None
        if merchant is None:
            raise AuthenticationError
        return merchant

    def sign_out(self, token: str) -> None:
        """End the session at once, everywhere. 1 request."""
        self.sessions.delete(hash_token(token))


def _window_end(now: datetime) -> datetime:
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
