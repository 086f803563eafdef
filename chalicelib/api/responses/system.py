"""Response bodies of the state of the gateway."""

from typing import Literal, Self

from chalicelib.api.fields import Timestamp
from chalicelib.api.responses.view import View
from chalicelib.services.health import Health


class HealthView(View):
    """The health of the gateway and its dependencies."""

    status: Literal["healthy", "degraded"]
    database: Literal["connected", "disconnected"]
    queue: Literal["connected", "disconnected"]
    worker: Literal["running", "stopped"]
    timestamp: Timestamp

    @classmethod
    def of(cls, health: Health) -> Self:
        """The fields of ``health``."""
        return cls(
            status="healthy" if health.is_healthy else "degraded",
            database="connected" if health.database else "disconnected",
            queue="connected" if health.queue else "disconnected",
            worker="running" if health.worker else "stopped",
            timestamp=health.checked_at,
        )
