"""The routes of the test clock. Not in production."""

from chalicelib.api.call import Call
from chalicelib.api.requests import AdvanceClockBody
from chalicelib.api.responses.clock import ClockView
from chalicelib.api.route import Route
from chalicelib.domain.errors import BadRequestError, ClockBusyError, NotFoundError
from chalicelib.services.merchant_clocks import MerchantClockService


def get_clock(call: Call) -> ClockView:
    """Get the time of the merchant's test clock. Not in production."""
    return ClockView.of(_clocks(call).read(call.merchant.id))


def advance_clock(call: Call, body: AdvanceClockBody) -> ClockView:
    """Move the merchant's test clock ahead. Not in production.

    Processes, in order, everything that becomes due until then, and responds when it is done. If that takes
    longer than about 15 seconds, `status` is `advancing`: repeat the request with `target` as `to`. The clock
    never moves backwards.
    """
    return ClockView.of(_clocks(call).advance(call.merchant.id, to=body.target))


def _clocks(call: Call) -> MerchantClockService:
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    return call.gateway.clocks


ROUTES = [
    Route("GET", "/api/v1/test/clock", get_clock, raises=(NotFoundError,)),
    Route(
        "POST",
        "/api/v1/test/clock",
        advance_clock,
        raises=(BadRequestError, ClockBusyError, NotFoundError),
    ),
]
