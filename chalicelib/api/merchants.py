"""``/sessions`` and ``/merchants``."""

from chalicelib.api.authentication import bearer_token
from chalicelib.api.call import Call
from chalicelib.api.requests import NewSessionBody
from chalicelib.api.responses.merchants import MerchantView, SessionView, SignedOutView
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
    routes.get("/api/v1/merchants/me", returns=MerchantView)(get_me)


def create_session(call: Call, body: NewSessionBody) -> SessionView:
    """Sign in to the dashboard."""
    return SessionView.of(call.gateway.sessions.sign_in(body.email, body.password))


def delete_session(call: Call) -> SignedOutView:
    """Sign out: the token is void at once."""
    call.gateway.sessions.sign_out(bearer_token(call.request.headers.get("authorization")))
    return SignedOutView()


def get_me(call: Call) -> MerchantView:
    """Look at who the caller is."""
    return MerchantView.of(call.gateway.merchants.get(call.merchant.id))
