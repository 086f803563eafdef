"""Response bodies of merchants and their sessions."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from chalicelib.api.fields import MerchantId, Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.merchant import Merchant, fingerprint
from chalicelib.services.api_secrets import RotatedSecret
from chalicelib.services.sessions import SignedIn


class TestMerchantView(View):
    """The test merchant."""

    id: MerchantId
    email: str
    api_key: str
    seeded: bool = True

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """The public fields of ``merchant``."""
        return cls(id=merchant.id, email=merchant.email, api_key=merchant.api_key)


class MerchantView(View):
    """The authenticated merchant, with the state of its API secret.

    A fingerprint is the first 8 characters of the hexadecimal SHA-256 of a secret. The fields of the previous
    secret are null without an overlap. ``time_zone`` is an IANA name, ``UTC`` unless the merchant set
    another.
    """

    id: MerchantId
    name: str
    email: str
    api_key: str
    webhook_url: str | None
    return_origins: list[str]
    time_zone: str
    api_secret_fingerprint: str
    previous_api_secret_fingerprint: str | None
    previous_api_secret_valid_until: Timestamp | None

    @classmethod
    def of(cls, merchant: Merchant, now: datetime) -> Self:
        """The fields of ``merchant`` at the time ``now``."""
        _current, *previous = merchant.valid_api_secret_hashes(now)
        fields = {
            "webhook_url": merchant.webhook.url,
            "return_origins": sorted(merchant.return_origins),
            "previous_api_secret_fingerprint": fingerprint(previous[0]) if previous else None,
            "previous_api_secret_valid_until": merchant.previous_api_secret_until if previous else None,
            "api_secret_fingerprint": fingerprint(merchant.api_secret_hash),
        }
        return cls.model_validate(vars(merchant) | fields)


class ApiSecretView(View):
    """A new API secret, which is shown only once. The fields of the previous one are null if it has ended."""

    STATUS = 201

    api_secret: str = Field(repr=False)
    fingerprint: str
    previous_fingerprint: str | None
    previous_valid_until: Timestamp | None

    @classmethod
    def of(cls, rotated: RotatedSecret) -> Self:
        """The fields of a new secret."""
        return cls(
            api_secret=rotated.api_secret,
            fingerprint=rotated.fingerprint,
            previous_fingerprint=rotated.previous_fingerprint,
            previous_valid_until=rotated.previous_until,
        )


class PreviousSecretView(View):
    """The previous API secret has ended."""

    status: Literal["previous_api_secret_ended"] = "previous_api_secret_ended"


class SessionView(View):
    """A new session. The token is shown only once."""

    STATUS = 201

    token: str
    expires_at: Timestamp
    merchant: MerchantView

    @classmethod
    def of(cls, signed_in: SignedIn, now: datetime) -> Self:
        """The fields of a new session at the time ``now``."""
        return cls(
            token=signed_in.token,
            expires_at=signed_in.session.expires_at,
            merchant=MerchantView.of(signed_in.merchant, now),
        )


class SignedOutView(View):
    """The session has ended."""

    status: Literal["signed_out"] = "signed_out"


class OtherSessionsView(View):
    """All other sessions of the merchant have ended."""

    status: Literal["other_sessions_ended"] = "other_sessions_ended"


class PasswordView(View):
    """The password was changed, and all other sessions of the merchant have ended."""

    status: Literal["password_changed"] = "password_changed"
