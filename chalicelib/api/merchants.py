"""``/sessions`` and ``/merchants``."""

from chalicelib.api.authentication import bearer_token
from chalicelib.api.call import Call
from chalicelib.api.requests import NewSessionBody
from chalicelib.api.responses import MerchantView, SessionView, SignedOutView, View
from chalicelib.api.routing import Router


def add_routes(routes: Router) -> None:
    """Register the addresses of a merchant's account."""
    routes.post("/api/v1/sessions", public=True)(create_session)
    routes.delete("/api/v1/sessions/current")(delete_session)
    routes.get("/api/v1/merchants/me")(get_me)


def create_session(call: Call) -> View:
    """Sign in to the dashboard."""
    body = call.body(NewSessionBody)
    return SessionView.of(call.gateway.sessions.sign_in(body.email, body.password))


def delete_session(call: Call) -> View:
    """Sign out: the token is void at once. With an API key there is no session to end."""
    call.gateway.sessions.sign_out(bearer_token(call.request.headers.get("authorization")))
    return SignedOutView()


def get_me(call: Call) -> View:
    """Who the caller is."""
    return MerchantView.of(call.gateway.merchants.get(call.merchant.id))
