"""The routes of statistics."""

from chalicelib.api.call import Call
from chalicelib.api.queries import StatsQuery
from chalicelib.api.responses.stats import JobStatusView, StatsView
from chalicelib.api.route import Route
from chalicelib.domain.errors import NotFoundError


def get_stats(call: Call, query: StatsQuery) -> StatsView:
    """Get the merchant's payment statistics, in total and by day."""
    return StatsView.of(call.gateway.stats.statistics(call.merchant.id, query.days))


def get_job_status(call: Call) -> JobStatusView:
    """Count the pending, processing, completed and failed jobs of all queues. Not in production."""
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    return JobStatusView.of(call.gateway.jobs.figures(), is_running=call.gateway.health.check().worker)


ROUTES = [
    Route("GET", "/api/v1/stats", get_stats),
    Route("GET", "/api/v1/test/jobs/status", get_job_status, public=True, raises=(NotFoundError,)),
]
