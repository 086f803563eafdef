"""``/health``, and what exists for tests."""

from chalicelib.api.call import Call
from chalicelib.api.responses import HealthView, TestMerchantView, View
from chalicelib.api.routing import Router
from chalicelib.domain.errors import NotFoundError


def add_routes(routes: Router) -> None:
    """Register the addresses that need no merchant."""
    routes.get("/health", public=True)(get_health)
    routes.get("/api/v1/test/merchant", public=True)(get_test_merchant)


def get_health(call: Call) -> View:
    """Whether everything that is needed answers."""
    return HealthView.of(call.gateway.health.check(), call.gateway.clock())


def get_test_merchant(call: Call) -> View:
    """The merchant that tests may use. Not in production."""
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    merchant = call.gateway.onboarding.test_merchant()
    if merchant is None:
        raise NotFoundError("Test merchant")
    return TestMerchantView.of(merchant)
