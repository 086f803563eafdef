"""A request of a merchant to the API, as the log of requests describes it."""

from dataclasses import dataclass
from datetime import datetime

DASHBOARD = "dashboard"
"""The credential of a request with a session."""

FIRST_FAILURE_STATUS = 400


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """One request. It contains no text of the client except ids of the gateway.

    ``request_id`` is the id in the response to an error. ``created_at`` is the real time of the response.
    ``route`` is the path with the names of its parameters. ``credential`` is the API key, or DASHBOARD. The
    ids are those of the objects in the path and in the response.
    """

    request_id: str
    merchant_id: str
    created_at: datetime
    method: str
    route: str
    status: int
    took_ms: int
    credential: str
    error_code: str | None = None
    order_id: str | None = None
    payment_id: str | None = None
    refund_id: str | None = None
    webhook_log_id: str | None = None

    @property
    def is_failed(self) -> bool:
        """Whether the request was rejected or failed."""
        return self.status >= FIRST_FAILURE_STATUS


LINKS = ("order_id", "payment_id", "refund_id", "webhook_log_id")
"""The fields with the ids of objects."""
