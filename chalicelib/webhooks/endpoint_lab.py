"""The receiver lab of the API: runs one check against the URL of a merchant's endpoint."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import BadRequestError, NotFoundError, RateLimitError
from chalicelib.domain.lab.check import Check, CheckResult, Scheme
from chalicelib.domain.webhook_endpoint import WebhookEndpoint
from chalicelib.observability import logger
from chalicelib.store.sessions import SessionStore
from chalicelib.webhooks.receiver_lab import ReceiverLab

MAX_CHECKS = 300  # per merchant and window: 17 runs of all checks, of 51 requests each
WINDOW = timedelta(hours=1)
NO_URL = "The endpoint has no URL. Set one, and run the check again"


@dataclass(frozen=True, kw_only=True)
class EndpointLab:
    """The checks of all merchants' endpoints. Not in production: a check sends forged and large requests."""

    lab: ReceiverLab
    attempts: SessionStore
    clock: Clock
    is_production: bool

    def require_available(self) -> None:
        """Raise NotFoundError in production."""
        if self.is_production:
            raise NotFoundError("Route")

    def run(
        self, check: Check, endpoint: WebhookEndpoint, *, merchant_id: str, scheme: Scheme
    ) -> CheckResult:
        """Run ``check`` with the signing secret of ``endpoint``. 1 request to AWS, up to 13 to its URL.

        Raises NotFoundError in production, BadRequestError if the endpoint has no URL, and RateLimitError
        after MAX_CHECKS in this WINDOW.
        """
        self.require_available()
        if endpoint.url is None:
            raise BadRequestError(NO_URL, field="url")
        self._count(merchant_id)
        result = self.lab.run(check, endpoint, merchant_id=merchant_id, scheme=scheme)
        logger.info("receiver checked", endpoint_id=endpoint.id, check=check.name, result=result.status)
        return result

    def _count(self, merchant_id: str) -> None:
        now = self.clock()
        ends_at = now.replace(minute=0, second=0, microsecond=0) + WINDOW
        if self.attempts.count_attempt(f"receiver lab {merchant_id}", window_ends_at=ends_at) > MAX_CHECKS:
            raise RateLimitError(retry_after_s=int((ends_at - now).total_seconds()) + 1)
