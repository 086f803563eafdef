"""Sessions of the dashboard: sign in, authenticate with a token, sign out."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError, GatewayError
from chalicelib.domain.merchant import Merchant, email_address
from chalicelib.domain.password import MAX_PASSWORD_CHARS, NO_PASSWORD, is_password
from chalicelib.domain.session import SESSION_LIFE, Session, hash_token, new_token
from chalicelib.observability import logger
from chalicelib.services.merchants import MerchantService
from chalicelib.services.password_attempts import PasswordAttemptLimit
from chalicelib.store.sessions import SessionStore


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A new session with its token, which is not stored."""

    token: str
    session: Session
    merchant: Merchant


@dataclass(frozen=True, kw_only=True)
class SessionService:
    """The sessions of all merchants."""

    sessions: SessionStore
    merchants: MerchantService
    attempt_limit: PasswordAttemptLimit
    clock: Clock
    random: Random

    def sign_in(self, email: str, password: str) -> SignedIn:
        """Create a session if the password is correct. 5 requests to AWS.

        Raises AuthenticationError, which takes the same time for an unknown address as for a wrong password,
        and RateLimitError after too many wrong passwords.
        """
        address = email_address(email)
        found = self.merchants.find_by_email(address)
        try:
            attempt = self.attempt_limit.take(address)
            merchant = self._authenticated(found, password)
        except GatewayError as error:
            error.merchant_id = found.id if found else None
            raise
        attempt.reset()
        token = new_token(self.random)
        session = Session(
            token_hash=hash_token(token),
            merchant_id=merchant.id,
            expires_at=self.clock() + SESSION_LIFE,
            epoch=merchant.session_epoch,
        )
        self.sessions.create(session)
        logger.info("merchant signed in", merchant_id=merchant.id)
        return SignedIn(token=token, session=session, merchant=merchant)

    def authenticate(self, token: str) -> Merchant:
        """The merchant of a valid session. 2 requests. Raises AuthenticationError.

        The merchant is not cached, so that a session ends immediately when the merchant's sessions end.
        """
        session = self.sessions.get(hash_token(token), now=self.clock())
        if session is None:
            raise AuthenticationError
        merchant = self.merchants.get(session.merchant_id)
        if not merchant.accepts_session(session):
            raise AuthenticationError
        return merchant

    def sign_out(self, token: str) -> None:
        """End the session immediately, in all processes. 1 request."""
        self.sessions.delete(hash_token(token))

    def _authenticated(self, found: Merchant | None, password: str) -> Merchant:
        """The merchant that was found by its address, read consistently, if the password is correct.

        The index of the addresses can lag behind a new password. The session must have the epoch of the
        password that was verified: a session that was created with a replaced password is never valid.
        """
        verified = found.password_hash if found and found.password_hash else NO_PASSWORD
        if not is_password(password[:MAX_PASSWORD_CHARS], verified) or found is None:
            raise AuthenticationError
        merchant = self.merchants.get(found.id)
        if not merchant.is_active or not merchant.has_password_hash(verified):
            raise AuthenticationError
        return merchant
