"""The routes of sums."""

from chalicelib.api.call import Call
from chalicelib.api.queries import PeriodQuery
from chalicelib.api.responses.finance import SummaryView
from chalicelib.api.route import Route
from chalicelib.services.finance import Period


def get_summary(call: Call, query: PeriodQuery) -> SummaryView:
    """Add up the payments of a period, by currency.

    The sums of payments created in the period that succeeded and were not voided, with what was refunded of
    them, including pending refunds. A response contains the newest payments of the period; send its
    `next_cursor` as `cursor` for the next ones, and add the parts.
    """
    return SummaryView.of(call.gateway.finance.summary(_period(call, query)))


def _period(call: Call, query: PeriodQuery) -> Period:
    return Period(
        merchant_id=call.merchant.id, since=query.since, before=query.before, after=query.start_key()
    )


ROUTES = [Route("GET", "/api/v1/summary", get_summary)]
