"""The routes of sessions and of the merchant account."""

from datetime import timedelta

from chalicelib.api.authentication import bearer_token
from chalicelib.api.call import Call
from chalicelib.api.queries import PreviousSecretQuery
from chalicelib.api.requests import (
    ChangePasswordBody,
    NewSessionBody,
    ReturnOriginsBody,
    RotateApiSecretBody,
    TimeZoneBody,
)
from chalicelib.api.responses.merchants import (
    ApiSecretView,
    MerchantView,
    OtherSessionsView,
    PasswordView,
    PreviousSecretView,
    SessionView,
    SignedOutView,
)
from chalicelib.api.route import Route
from chalicelib.domain.audit import AuditAction as Audit
from chalicelib.domain.errors import ApiSecretConflictError, AuthenticationError
from chalicelib.domain.return_url import parse_origin


def create_session(call: Call, body: NewSessionBody) -> SessionView:
    """Sign in to the dashboard."""
    return SessionView.of(call.gateway.sessions.sign_in(body.email, body.password), call.gateway.clock())


def delete_session(call: Call) -> SignedOutView:
    """Sign out. The token becomes invalid immediately."""
    call.gateway.sessions.sign_out(_token(call))
    return SignedOutView()


def delete_other_sessions(call: Call) -> OtherSessionsView:
    """End all other sessions of the merchant immediately."""
    call.gateway.accounts.end_other_sessions(call.merchant, _token(call))
    return OtherSessionsView()


def get_me(call: Call) -> MerchantView:
    """Get the authenticated merchant."""
    return MerchantView.of(call.gateway.merchants.get(call.merchant.id), call.gateway.clock())


def put_password(call: Call, body: ChangePasswordBody) -> PasswordView:
    """Change the dashboard password. All other sessions end immediately; this session stays valid."""
    call.gateway.accounts.change_password(
        call.merchant, _token(call), current=body.current_password, new=body.new_password
    )
    return PasswordView()


def rotate_api_secret(call: Call, body: RotateApiSecretBody) -> ApiSecretView:
    """Replace the API secret. Only this response contains the new secret.

    The previous secret stays valid for `overlap_hours`. If two secrets are valid, `replaces` must be the
    fingerprint of the one that your servers do not use: it becomes invalid within a minute, and the other one
    stays valid. Requires a session: a leaked API secret cannot be used to replace it.
    """
    rotated = call.gateway.api_secrets.rotate(
        call.merchant, overlap=timedelta(hours=body.overlap_hours), replaces=body.replaces
    )
    return ApiSecretView.of(rotated)


def end_previous_api_secret(call: Call, query: PreviousSecretQuery) -> PreviousSecretView:
    """End the overlap: the previous API secret becomes invalid within a minute.

    No-op if the secret with this fingerprint has already ended.
    """
    call.gateway.api_secrets.end_previous(call.merchant, query.fingerprint)
    return PreviousSecretView()


def put_return_origins(call: Call, body: ReturnOriginsBody) -> MerchantView:
    """Set the origins to which buyers may return after a payment.

    A payment is created with a `return_url` only if it is on one of them. Takes effect immediately for added
    origins, and within a minute for removed ones.
    """
    origins = frozenset(parse_origin(text) for text in body.origins)
    changed = call.gateway.accounts.set_return_origins(call.merchant, origins)
    return MerchantView.of(changed, call.gateway.clock())


def put_time_zone(call: Call, body: TimeZoneBody) -> MerchantView:
    """Set the time zone in which you read times and days.

    Exports contain times with its offset. Times in JSON stay in UTC.
    """
    changed = call.gateway.accounts.set_time_zone(call.merchant, body.time_zone)
    return MerchantView.of(changed, call.gateway.clock())


def _token(call: Call) -> str:
    return bearer_token(call.request.headers.get("authorization"))


ROUTES = [
    Route(
        "POST",
        "/api/v1/sessions",
        create_session,
        public=True,
        raises=(AuthenticationError,),
        audit=Audit.SIGN_IN,
    ),
    Route("DELETE", "/api/v1/sessions/current", delete_session, session_only=True, audit=Audit.SIGN_OUT),
    Route(
        "DELETE",
        "/api/v1/sessions/others",
        delete_other_sessions,
        session_only=True,
        audit=Audit.END_SESSIONS,
    ),
    Route("GET", "/api/v1/merchants/me", get_me),
    Route(
        "PUT",
        "/api/v1/merchants/me/password",
        put_password,
        session_only=True,
        audit=Audit.CHANGE_PASSWORD,
    ),
    Route(
        "POST",
        "/api/v1/merchants/me/api-secret",
        rotate_api_secret,
        session_only=True,
        raises=(ApiSecretConflictError,),
        audit=Audit.ROLL_API_SECRET,
    ),
    Route(
        "DELETE",
        "/api/v1/merchants/me/api-secret/previous",
        end_previous_api_secret,
        session_only=True,
        audit=Audit.END_API_SECRET,
    ),
    Route(
        "PUT",
        "/api/v1/merchants/me/return-origins",
        put_return_origins,
        audit=Audit.CHANGE_RETURN_ORIGINS,
    ),
    Route(
        "PUT",
        "/api/v1/merchants/me/time-zone",
        put_time_zone,
        audit=Audit.CHANGE_TIME_ZONE,
    ),
]
