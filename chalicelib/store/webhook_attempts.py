"""Webhook attempts in DynamoDB: one item of limited size each, so that the row of a log does not grow."""

from dataclasses import replace
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.models import Model

from chalicelib.domain.times import iso
from chalicelib.domain.webhook_log import (
    MAX_SHOWN_ATTEMPTS,
    RETENTION,
    Attempt,
    Trigger,
    WebhookLog,
)
from chalicelib.store import write
from chalicelib.store.item_size import item_bytes


class AttemptMap(MapAttribute[str, Any]):
    """One attempt of a webhook."""

    at = UTCDateTimeAttribute()
    trigger = UnicodeAttribute()
    url = UnicodeAttribute(null=True)
    request_headers: JSONAttribute = JSONAttribute()
    latency_ms = NumberAttribute()
    response_code = NumberAttribute(null=True)
    response_headers: JSONAttribute = JSONAttribute(null=True)
    response_body = UnicodeAttribute(null=True)
    response_truncated = BooleanAttribute()
    response_headers_truncated = BooleanAttribute(null=True)
    error = UnicodeAttribute(null=True)
    retry_after_s = NumberAttribute(null=True)


class WebhookAttemptRow(Model):
    """One attempt. ``sort_key`` orders the attempts of a log by time and is unique for each claim.

    ``round`` is the number of previous manual retries. ``number`` starts at 1 in each round.
    """

    class Meta:
        table_name = "webhook_attempts"

    log_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)
    round = NumberAttribute()
    number = NumberAttribute()
    attempt: AttemptMap = AttemptMap()
    expires_at = TTLAttribute()


MAX_ATTEMPT_BYTES = 8 * 1024  # URL, request headers and stored response; 50 of them are a page of 400 KB
NOT_STORED = "the response cannot be stored"


class WebhookAttemptStore:
    """The attempts, by log and time."""

    def __init__(self, table: type[WebhookAttemptRow]) -> None:
        self._table = table

    def add(self, log: WebhookLog, attempt: Attempt) -> None:
        """Write the attempt for which ``log`` was claimed; no-op if it exists. One request."""
        try:
            write.put(self._row(log, attempt), self._table.log_id.does_not_exist())
        except write.ConditionFailedError:
            return

    def newest(self, log_id: str) -> tuple[Attempt, ...]:
        """The newest MAX_SHOWN_ATTEMPTS attempts of a log, oldest first. One request."""
        rows = self._table.query(
            log_id, scan_index_forward=False, limit=MAX_SHOWN_ATTEMPTS, consistent_read=True
        )
        return tuple(attempt_from_map(row.attempt) for row in rows)[::-1]

    def _row(self, log: WebhookLog, attempt: Attempt) -> WebhookAttemptRow:
        """The row of the attempt. Without the response if it cannot be stored, so that no attempt is lost."""
        row = self._row_of(log, attempt)
        if not _can_be_stored(row):
            row = self._row_of(log, _without_response(attempt))
            if not _can_be_stored(row):
                raise AssertionError("a field of the attempt that the gateway sets has no limit")
        return row

    def _row_of(self, log: WebhookLog, attempt: Attempt) -> WebhookAttemptRow:
        return self._table(
            log_id=log.id,
            sort_key=_sort_key(log, attempt),
            round=log.round,
            number=log.attempts + 1,
            attempt=map_from_attempt(attempt),
            expires_at=log.created_at + RETENTION,
        )


def _sort_key(log: WebhookLog, attempt: Attempt) -> str:
    """The time of the attempt, followed by values that are unique for each claim of the log.

    Each claim of the same attempt has a later end of the lease, even if the clocks of the workers differ.
    """
    lease = iso(log.leased_until) if log.leased_until else ""
    return f"{iso(attempt.at)}#{log.round:06}#{log.attempts:06}#{lease}"


def _can_be_stored(row: WebhookAttemptRow) -> bool:
    try:
        return item_bytes(row.serialize()) <= MAX_ATTEMPT_BYTES
    except Exception:  # such as text that is not UTF-8, or a value that is not text
        return False


def _without_response(attempt: Attempt) -> Attempt:
    return replace(
        attempt,
        response_headers=None,
        response_body=None,
        response_truncated=True,
        response_headers_truncated=True,
        retry_after_s=None,
        error=NOT_STORED,
    )


def map_from_attempt(attempt: Attempt) -> AttemptMap:
    """The attributes of an attempt."""
    return AttemptMap(
        at=attempt.at,
        trigger=attempt.trigger,
        url=attempt.url,
        request_headers=dict(attempt.request_headers),
        latency_ms=attempt.latency_ms,
        response_code=attempt.response_code,
        response_headers=dict(attempt.response_headers) if attempt.response_headers is not None else None,
        response_body=attempt.response_body,
        response_truncated=attempt.response_truncated,
        response_headers_truncated=attempt.response_headers_truncated,
        error=attempt.error,
        retry_after_s=attempt.retry_after_s,
    )


def attempt_from_map(row: AttemptMap) -> Attempt:
    """The attempt of the attributes."""
    return Attempt(
        at=row.at,
        trigger=Trigger(row.trigger),
        url=row.url,
        request_headers=row.request_headers,
        latency_ms=int(row.latency_ms),
        response_code=_integer(row.response_code),
        response_headers=row.response_headers,
        response_body=row.response_body,
        response_truncated=row.response_truncated,
        response_headers_truncated=bool(row.response_headers_truncated),
        error=row.error,
        retry_after_s=_integer(row.retry_after_s),
    )


def _integer(number: float | None) -> int | None:
    return None if number is None else int(number)
