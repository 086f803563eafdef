"""The account of a merchant: password, sessions, return origins and time zone."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.errors import AuthenticationError, BadRequestError
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.password import NO_PASSWORD, hash_password, is_password
from chalicelib.domain.session import hash_token, new_epoch
from chalicelib.observability import logger
from chalicelib.services.password_attempts import PasswordAttemptLimit
from chalicelib.store.merchants import MerchantStore


@dataclass(frozen=True, kw_only=True)
class AccountService:
    """The accounts of all merchants. ``token`` is the token of the session that sent the request."""

    merchants: MerchantStore
    attempt_limit: PasswordAttemptLimit
    random: Random

    def change_password(self, merchant: Merchant, token: str, *, current: str, new: str) -> None:
        """Replace the password and end all other sessions, in one write. 3 requests to AWS.

        Raises BadRequestError for a wrong or an unchanged password, and RateLimitError after too many wrong
        ones. These are counted separately from sign-in attempts, so that an attacker who tries to sign in
        cannot prevent the merchant from changing the password.
        """
        attempt = self.attempt_limit.take(f"merchant {merchant.id}")
        verified = merchant.password_hash or NO_PASSWORD
        if not is_password(current, verified):
            raise _wrong_password()
        attempt.reset()
        if current == new:
            raise BadRequestError("new_password must differ from current_password", field="new_password")
        is_changed = self.merchants.change_password(
            merchant.id,
            hash_password(new, self.random),
            verified=verified,
            epoch=new_epoch(self.random),
            kept=hash_token(token),
        )
        if not is_changed:  # the password was changed after the request was authenticated
            raise _wrong_password()
        logger.info("password changed, other sessions ended", merchant_id=merchant.id)

    def end_other_sessions(self, merchant: Merchant, token: str) -> None:
        """End all other sessions of the merchant immediately. 1 request."""
        self.merchants.end_sessions(merchant.id, epoch=new_epoch(self.random), kept=hash_token(token))
        logger.info("other sessions ended", merchant_id=merchant.id)

    def set_return_origins(self, merchant: Merchant, origins: frozenset[str]) -> Merchant:
        """Replace the origins to which buyers may return. 1 request. Raises AuthenticationError."""
        changed = self.merchants.set_return_origins(merchant.id, origins)
        if changed is None:
            raise AuthenticationError
        logger.info("return origins changed", merchant_id=merchant.id, number=len(origins))
        return changed

    def set_time_zone(self, merchant: Merchant, name: str) -> Merchant:
        """Set the time zone ``name``, which exists. 1 request. Raises AuthenticationError."""
        changed = self.merchants.set_time_zone(merchant.id, name)
        if changed is None:
            raise AuthenticationError
        logger.info("time zone changed", merchant_id=merchant.id, time_zone=name)
        return changed


def _wrong_password() -> BadRequestError:
    return BadRequestError("current_password is wrong", field="current_password")
