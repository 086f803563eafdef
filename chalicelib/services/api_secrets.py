"""The API secret of a merchant: replace it with an overlap, and end the overlap.

The new secret is returned once and not stored. Therefore, a lost response cannot be repeated, and a repeated
request must not end the secret that the merchant's servers use (docs/decisions/0055).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import ApiSecretConflictError, BadRequestError
from chalicelib.domain.merchant import Merchant, fingerprint, hash_api_secret, new_api_secret
from chalicelib.observability import logger
from chalicelib.store.merchants import MerchantStore


@dataclass(frozen=True, kw_only=True)
class RotatedSecret:
    """A new API secret. ``previous_until``: the end of the overlap, None if the previous one has ended."""

    api_secret: str
    previous_until: datetime | None
    previous_fingerprint: str | None

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the new secret."""
        return fingerprint(hash_api_secret(self.api_secret))


@dataclass(frozen=True, kw_only=True)
class ApiSecretService:
    """The API secrets of all merchants. ``merchant`` must be read consistently."""

    merchants: MerchantStore
    clock: Clock
    random: Random

    def rotate(self, merchant: Merchant, *, overlap: timedelta, replaces: str | None) -> RotatedSecret:
        """Create a new secret. The one that the merchant's servers use stays valid for ``overlap``.

        If two secrets are valid, ``replaces`` is the fingerprint of the one that ends now, and the other one
        is in use. Without an overlap, both end, and ``replaces`` is required too.
        1 request. Raises ApiSecretConflictError and BadRequestError.
        """
        now = self.clock()
        in_use = _hash_in_use(merchant.valid_api_secret_hashes(now), replaces, has_overlap=bool(overlap))
        api_secret = new_api_secret(self.random)
        until = now + overlap if overlap else None
        is_changed = self.merchants.rotate_api_secret(
            merchant, hash_api_secret(api_secret), previous_hash=in_use if until else None, until=until
        )
        if not is_changed:
            raise ApiSecretConflictError("Another request has just replaced the API secret")
        logger.info("API secret replaced", merchant_id=merchant.id)
        return RotatedSecret(
            api_secret=api_secret,
            previous_until=until,
            previous_fingerprint=fingerprint(in_use) if until else None,
        )

    def end_previous(self, merchant: Merchant, ended: str) -> None:
        """End the previous secret, which has the fingerprint ``ended``. 1 request, none if it has ended.

        Takes effect within CACHE_LIFE. Raises BadRequestError if it is the current secret.
        """
        current, stored = merchant.api_secret_hash, merchant.previous_api_secret_hash
        if fingerprint(current) == ended:
            raise BadRequestError("fingerprint is that of the current API secret", field="fingerprint")
        if stored is None or fingerprint(stored) != ended:
            return
        if self.merchants.end_previous_api_secret(merchant.id, stored):
            logger.info("previous API secret ended", merchant_id=merchant.id)


def _hash_in_use(valid: tuple[str, ...], replaces: str | None, *, has_overlap: bool) -> str:
    """The hash of the secret in use, of the ``valid`` ones.

    A request must fail if it is sent again, or by a page with an outdated state: it would end a secret that
    may be in use. Therefore, ``replaces`` names a secret that a successful request ends.
    """
    current = valid[0]
    if len(valid) == 1 and has_overlap:
        if replaces:
            raise ApiSecretConflictError(
                "Only one API secret is valid, and it stays valid for overlap_hours; omit replaces"
            )
        return current
    if replaces is None and len(valid) == 1:
        raise BadRequestError(
            f"replaces is required without an overlap: {fingerprint(current)}, the API secret that ends",
            field="replaces",
        )
    if replaces is None:
        raise ApiSecretConflictError(
            "Two API secrets are valid; "
            "set replaces to the fingerprint of the one that your servers do not use"
        )
    if replaces not in map(fingerprint, valid):
        raise ApiSecretConflictError("replaces is not the fingerprint of a valid API secret")
    return next((other for other in valid if fingerprint(other) != replaces), current)
