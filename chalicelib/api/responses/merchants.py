"""Response bodies of merchants and their sessions."""

from typing import Literal, Self

from chalicelib.api.fields import MerchantId, Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.merchant import Merchant
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
    """The authenticated merchant. ``time_zone`` is an IANA name, ``UTC`` unless the merchant set another."""

    id: MerchantId
    name: str
    email: str
    api_key: str
    webhook_url: str | None
    return_origins: list[str]
    time_zone: str

    @classmethod
    def of(cls, merchant: Merchant) -> Self:
        """The fields of ``merchant``."""
        fields = {"webhook_url": merchant.webhook.url, "return_origins": sorted(merchant.return_origins)}
        return cls.model_validate(vars(merchant) | fields)


class SessionView(View):
    """A new session. The token is shown only once."""

    STATUS = 201

    token: str
    expires_at: Timestamp
    merchant: MerchantView

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """The fields of a new session."""
        return cls(
            token=signed_in.token,
            expires_at=signed_in.session.expires_at,
            merchant=MerchantView.of(signed_in.merchant),
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
