"""Sessions of the dashboard: sign in, authenticate by a token, sign out."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError
from chalicelib.domain.merchant import Merchant, email_address
from chalicelib.domain.password import MAX_PASSWORD_CHARS, NO_PASSWORD, is_password
from chalicelib.domain.session import SESSION_LIFE, Session, hash_token, new_token
from chalicelib.observability import logger
from chalicelib.services.merchants import MerchantService
from chalicelib.services.password_attempts import PasswordAttemptLimit
from chalicelib.store.sessions import SessionStore


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A new session. The token is shown only here."""

    token: str
    session: Session
    merchant: Merchant


@dataclass(frozen=True, kw_only=True)
class SessionService:
    """The sessions of all merchants."""

    sessions: SessionStore
    merchants: MerchantService
    guesses: PasswordAttemptLimit
    clock: Clock
    random: Random

    def sign_in(self, email: str, password: str) -> SignedIn:
        """Create a session for a merchant who sends the right password. 5 requests to AWS.

        Raises AuthenticationError, as slowly for an unknown address as for a wrong password, and
        RateLimitError after too many wrong passwords.
        """
        address = email_address(email)
        guess = self.guesses.take(address)
        merchant = self._authenticated(address, password)
        guess.forgive()
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

        The merchant is read fresh, so that a session ends at once when all sessions of a merchant end.
        """
        session = self.sessions.get(hash_token(token), now=self.clock())
        if session is None:
            raise AuthenticationError
        merchant = self.merchants.get(session.merchant_id)
        if not merchant.accepts_session(session):
            raise AuthenticationError
        return merchant

    def sign_out(self, token: str) -> None:
        """End the session at once, everywhere. 1 request."""
        self.sessions.delete(hash_token(token))

    def _authenticated(self, address: str, password: str) -> Merchant:
        """The merchant with this password, read consistently.

        The index that finds an address may lag behind a new password. The session must get the epoch that
        belongs to the password that was checked: a session made with a replaced password is never valid.
        """
        found = self.merchants.find_by_email(address)
        verified = found.password_hash if found and found.password_hash else NO_PASSWORD
        if not is_password(password[:MAX_PASSWORD_CHARS], verified) or found is None:
            raise AuthenticationError
        merchant = self.merchants.get(found.id)
        if not merchant.is_active or not merchant.has_password_hash(verified):
            raise AuthenticationError
        return merchant
