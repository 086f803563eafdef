"""The Chalice app with the routes."""

from chalice.app import CORSConfig

from chalicelib.api import (
    acquirers,
    bank,
    buyer_return,
    clock,
    declines,
    events,
    finance,
    logged_requests,
    merchants,
    orders,
    payments,
    receiver_lab,
    refunds,
    stats,
    system,
    webhooks,
)
from chalicelib.api.http_api import GatewayApp
from chalicelib.api.openapi import route as openapi
from chalicelib.api.routing import Router

AREAS = (
    system,
    bank,
    declines,
    merchants,
    orders,
    payments,
    refunds,
    buyer_return,
    webhooks,
    receiver_lab,
    events,
    finance,
    stats,
    logged_requests,
    clock,
    acquirers,
    openapi,
)


def create_router() -> Router:
    """A router of all routes. It keeps the current request, so it serves one request at a time."""
    return Router("app", [route for area in AREAS for route in area.ROUTES])


def create_app(router: Router) -> GatewayApp:
    """An app with the routes of ``router``."""
    app = GatewayApp(app_name="payment-gateway", configure_logs=False)
    app.api.cors = CORSConfig(
        allow_headers=["Content-Type", "X-Api-Key", "X-Api-Secret", "Idempotency-Key", "Authorization"],
        expose_headers=["Content-Disposition", "Date", "Idempotent-Replayed", "Next-Cursor", "Retry-After"],
        max_age=600,
    )
    app.register_blueprint(router)
    return app
