"""A webhook log as a row, and an attempt as a map."""

from chalicelib.domain.webhook_log import Attempt, Trigger, WebhookLog, WebhookStatus
from chalicelib.store.tables import AttemptMap, WebhookLogRow


def log_of(row: WebhookLogRow) -> WebhookLog:
    """The log a row holds; the relay reads rows of the stream with it."""
    return WebhookLog(
        id=row.id,
        merchant_id=row.merchant_id,
        event=row.event,
        payment_id=row.payment_id or "",
        body=row.body or "",
        created_at=row.created_at,
        next_retry_at=row.next_retry_at,
        status=WebhookStatus(row.status),
        attempts=int(row.attempts),
        round=int(row.round or 0),
        leased_until=row.leased_until,
        last_attempt_at=row.last_attempt_at,
        response_code=_integer(row.response_code),
        history=tuple(attempt_of(one) for one in row.history or ()),
    )


def map_of(attempt: Attempt) -> AttemptMap:
    """The attempt as it is stored."""
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


def attempt_of(row: AttemptMap) -> Attempt:
    """The attempt a map holds."""
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
