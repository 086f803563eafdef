"""``/stats`` and the state of the jobs."""

from chalicelib.api.call import Call
from chalicelib.api.queries import StatsQuery
from chalicelib.api.responses.stats import JobStatusView, StatsView
from chalicelib.api.routing import Router
from chalicelib.domain.errors import NotFoundError


def add_routes(routes: Router) -> None:
    """Register the addresses of figures."""
    routes.get("/api/v1/stats", takes=StatsQuery, returns=StatsView)(get_stats)
    routes.get("/api/v1/test/jobs/status", returns=JobStatusView, public=True, raises=(NotFoundError,))(
        get_job_status
    )


def get_stats(call: Call, asked: StatsQuery) -> StatsView:
    """Add up the merchant's payments, over all time and by day."""
    return StatsView.of(call.gateway.stats.statistics(call.merchant.id, asked.days))


def get_job_status(call: Call) -> JobStatusView:
    """Count what waits, is in hand, was done and was given up, in all queues. Not in production."""
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    return JobStatusView.of(call.gateway.jobs.figures(), is_running=call.gateway.health.check().worker)
