"""The routes of health and of the test merchant."""

from chalicelib.api.call import Call
from chalicelib.api.responses.merchants import TestMerchantView
from chalicelib.api.responses.system import HealthView
from chalicelib.api.route import Route
from chalicelib.domain.errors import NotFoundError


def get_health(call: Call) -> HealthView:
    """Health of the database, the queues and the workers.

    Each process checks at most every 30 seconds; `timestamp` is the time of the check. `worker` is `stopped`
    if jobs have been waiting for a minute and none was in progress.
    """
    return HealthView.of(call.gateway.health.check())


def get_test_merchant(call: Call) -> TestMerchantView:
    """Get the test merchant. Not in production."""
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    merchant = call.gateway.onboarding.test_merchant()
    if merchant is None:
        raise NotFoundError("Test merchant")
    return TestMerchantView.of(merchant)


ROUTES = [
    Route("GET", "/health", get_health, public=True),
    Route("GET", "/api/v1/test/merchant", get_test_merchant, public=True, raises=(NotFoundError,)),
]
