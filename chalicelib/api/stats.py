"""``/stats`` and the state of the jobs."""

from chalicelib.api.call import Call
from chalicelib.api.responses import JobStatusView, StatsView, View
from chalicelib.api.routing import Router
from chalicelib.domain.errors import NotFoundError
from chalicelib.services.stats import MAX_DAYS

DEFAULT_DAYS = 30


def add_routes(routes: Router) -> None:
    """Register the addresses of figures."""
    routes.get("/api/v1/stats")(get_stats)
    routes.get("/api/v1/test/jobs/status", public=True)(get_job_status)


def get_stats(call: Call) -> View:
    """Totals and a day series for the dashboard."""
    days = call.query_integer("days", default=DEFAULT_DAYS, minimum=1, maximum=MAX_DAYS)
    return StatsView.of(call.gateway.stats.statistics(call.merchant.id, days))


def get_job_status(call: Call) -> View:
    """What waits, is in hand, was done and was given up, in all queues. Not in production."""
    if call.gateway.settings.is_production:
        raise NotFoundError("Route")
    return JobStatusView.of(call.gateway.jobs.figures(), is_running=call.gateway.health.workers_run())
