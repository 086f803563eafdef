"""Webhook attempts in DynamoDB: an item each, of a bounded size, so that a log's row does not grow."""

from dataclasses import replace

from chalicelib.domain.times import iso
from chalicelib.domain.webhook_log import MAX_SHOWN_ATTEMPTS, RETENTION, Attempt, WebhookLog
from chalicelib.store import write
from chalicelib.store.item_size import item_bytes
from chalicelib.store.tables import WebhookAttemptRow
from chalicelib.store.webhook_log_rows import attempt_of, map_of

MAX_ATTEMPT_BYTES = 8 * 1024  # the URL, our headers, and what is kept of a response; 50 are a page of 400 KB
NOT_STORED = "the response cannot be stored"


class WebhookAttemptStore:
    """The attempts, by their log and in order of time."""

    def __init__(self, table: type[WebhookAttemptRow]) -> None:
        self._table = table

    def add(self, log: WebhookLog, attempt: Attempt) -> None:
        """Write the attempt that ``log`` was claimed for; a no-op if it is there already. One request."""
        try:
            write.put(self._row(log, attempt), self._table.log_id.does_not_exist())
        except write.ConditionFailedError:
            return

    def newest(self, log_id: str) -> tuple[Attempt, ...]:
        """The newest MAX_SHOWN_ATTEMPTS of a log, oldest first. One request."""
        rows = self._table.query(
            log_id, scan_index_forward=False, limit=MAX_SHOWN_ATTEMPTS, consistent_read=True
        )
        return tuple(attempt_of(row.attempt) for row in rows)[::-1]

    def _row(self, log: WebhookLog, attempt: Attempt) -> WebhookAttemptRow:
        """The attempt as a row; without its response if that cannot be stored, so that no attempt is lost."""
        row = self._row_of(log, attempt)
        if not _can_be_stored(row):
            row = self._row_of(log, _without_response(attempt))
            if not _can_be_stored(row):
                raise AssertionError("what the gateway itself puts into an attempt has no limit")
        return row

    def _row_of(self, log: WebhookLog, attempt: Attempt) -> WebhookAttemptRow:
        return self._table(
            log_id=log.id,
            sort_key=_sort_key(log, attempt),
            round=log.round,
            number=log.attempts + 1,
            attempt=map_of(attempt),
            expires_at=log.created_at + RETENTION,
        )


def _sort_key(log: WebhookLog, attempt: Attempt) -> str:
    """The time of the attempt, then what tells its claim from every other one of the log.

    The lease ends later at each claim of the same attempt, whatever the workers' clocks say.
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
