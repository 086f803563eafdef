"""The log of API requests: what a merchant's programs sent, and how the API responded."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.api_request import ApiRequest
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.observability import logger
from chalicelib.store.api_requests import ApiRequestStore
from chalicelib.store.lists import ListQuery, Page
from chalicelib.store.totals import Total

NOT_LOGGED = "request not logged"


@dataclass(frozen=True, kw_only=True)
class RequestLog:
    """The requests of the last ``days`` days. 0: nothing is logged, and the log is empty."""

    requests: ApiRequestStore
    clock: Clock
    days: int

    def write(self, request: ApiRequest) -> None:
        """Log a request. 1 request, none if the log is off. Never raises.

        The response is known, and a failure must not change it.
        """
        if not self.days:
            return
        try:
            self.requests.add(request, expires_at=request.created_at + self._kept)
        except Exception as error:  # of any kind
            logger.warning(NOT_LOGGED, problem=type(error).__name__)

    def get(self, request_id: str, merchant_id: str) -> ApiRequest:
        """The merchant's request. 1 request, none if the log is off. Raises RequestNotLoggedError."""
        found = self.requests.get(request_id, merchant_id, now=self.clock()) if self.days else None
        if found is None:
            raise RequestNotLoggedError(days=self.days)
        return found

    def page(self, query: ListQuery) -> Page[ApiRequest]:
        """One page of the log, newest first. 1 request per list shard, none if the log is off."""
        return self.requests.page(self._recent(query)) if self.days else Page(items=[], next_key=None)

    def count(self, query: ListQuery) -> Total:
        """The number of requests, up to a limit."""
        return self.requests.count(self._recent(query))

    @property
    def _kept(self) -> timedelta:
        return timedelta(days=self.days)

    def _recent(self, query: ListQuery) -> ListQuery:
        """The query without expired rows, which TTL may not have deleted."""
        oldest = self.clock() - self._kept
        return replace(query, since=max(query.since or oldest, oldest))


class RequestNotLoggedError(NotFoundError):
    """The log does not contain the request. The description says which requests it contains."""

    def __init__(self, *, days: int) -> None:
        super().__init__("Request")
        self.description += (
            f". The log contains the requests of the last {days} days with your API key, and those of your "
            "dashboard that changed something or failed. It does not contain requests with wrong "
            "credentials, above the rate limit, or of the checkout"
            if days
            else ". The log of requests is off"
        )
