"""``/sessions`` and ``/merchants``."""

from chalicelib.api.authentication import bearer_token
from chalicelib.api.call import Call
from chalicelib.api.requests import ChangePasswordBody, NewSessionBody
from chalicelib.api.responses.merchants import (
    MerchantView,
    OtherSessionsView,
    PasswordView,
    SessionView,
    SignedOutView,
)
from chalicelib.api.routing import Router
from chalicelib.domain.errors import AuthenticationError


def add_routes(routes: Router) -> None:
    """Register the addresses of a merchant's account."""
    routes.post(
        "/api/v1/sessions",
        takes=NewSessionBody,
        returns=SessionView,
        public=True,
        raises=(AuthenticationError,),
    )(create_session)
    routes.delete("/api/v1/sessions/current", returns=SignedOutView, session_only=True)(delete_session)
    routes.delete("/api/v1/sessions/others", returns=OtherSessionsView, session_only=True)(
        delete_other_sessions
    )
    routes.get("/api/v1/merchants/me", returns=MerchantView)(get_me)
    routes.put(
        "/api/v1/merchants/me/password", takes=ChangePasswordBody, returns=PasswordView, session_only=True
    )(put_password)


def create_session(call: Call, body: NewSessionBody) -> SessionView:
    """Sign in to the dashboard."""
    return SessionView.of(call.gateway.sessions.sign_in(body.email, body.password))


def delete_session(call: Call) -> SignedOutView:
    """Sign out: the token is void at once."""
    call.gateway.sessions.sign_out(_token(call))
    return SignedOutView()


def delete_other_sessions(call: Call) -> OtherSessionsView:
    """End every other session of the merchant, at once."""
    call.gateway.accounts.end_other_sessions(call.merchant, _token(call))
    return OtherSessionsView()


def get_me(call: Call) -> MerchantView:
    """Look at who the caller is."""
    return MerchantView.of(call.gateway.merchants.get(call.merchant.id))


def put_password(call: Call, body: ChangePasswordBody) -> PasswordView:
    """Change the dashboard's password. Every other session ends at once; this one stays signed in."""
    call.gateway.accounts.change_password(
        call.merchant, _token(call), current=body.current_password, new=body.new_password
    )
    return PasswordView()


def _token(call: Call) -> str:
    return bearer_token(call.request.headers.get("authorization"))
