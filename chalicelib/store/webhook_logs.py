"""Webhook logs in DynamoDB."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    ListAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.transitions import sources_of
from chalicelib.domain.webhook_endpoint import DEFAULT_ID
from chalicelib.domain.webhook_log import (
    MAX_SHOWN_ATTEMPTS,
    RETENTION,
    WEBHOOK_TRANSITIONS,
    Attempt,
    AttemptResult,
    WebhookLog,
    WebhookStatus,
)
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.totals import Total
from chalicelib.store.webhook_attempts import AttemptMap, WebhookAttemptStore, attempt_from_map

MAX_ERROR_CHARS = 200
MAX_BATCH = 100  # rows of one BatchGetItem
MAX_READ = 1_000  # rows that a page reads to find the logs of one endpoint

_LISTED = [
    "merchant_id",
    "event",
    "payment_id",
    "status",
    "attempts",
    "created_at",
    "last_attempt_at",
    "next_retry_at",
    "response_code",
]


class WebhookLogsByMerchant(GlobalSecondaryIndex["WebhookLogRow"]):
    """The webhook logs of a merchant, by time of creation, with the listed attributes."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(_LISTED)

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class WebhookLogsByPayment(GlobalSecondaryIndex["WebhookLogRow"]):
    """The webhook logs of a payment, by time of creation, with the listed attributes."""

    class Meta:
        index_name = "by_payment"
        projection = IncludeProjection([name for name in _LISTED if name != "payment_id"])

    payment_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class WebhookLogRow(Model):
    """A webhook log. Attributes that are not listed are absent in the indexes.

    DynamoDB cannot add attributes to an index, so lists read the rows of a page from the table.
    ``history`` contains the attempts of the previous version. New attempts are items of ``webhook_attempts``.
    """

    class Meta:
        table_name = "webhook_logs"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    endpoint_id = UnicodeAttribute(null=True)
    event = UnicodeAttribute()
    payment_id = UnicodeAttribute(null=True)
    amount = NumberAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    body = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    attempts = NumberAttribute()
    round = NumberAttribute(null=True)
    leased_until = UTCDateTimeAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    last_attempt_at = UTCDateTimeAttribute(null=True)
    next_retry_at = UTCDateTimeAttribute(null=True)
    response_code = NumberAttribute(null=True)
    error = UnicodeAttribute(null=True)
    history: ListAttribute[AttemptMap] = ListAttribute(of=AttemptMap, default=list)
    expires_at = TTLAttribute()
    by_merchant = WebhookLogsByMerchant()
    by_payment = WebhookLogsByPayment()


class AttemptHeldError(Exception):
    """Another worker holds this attempt. The job must be retried, because that worker can fail."""


class WebhookLogStore:
    """The webhook logs, by id and by merchant."""

    def __init__(
        self,
        table: type[WebhookLogRow],
        attempts: WebhookAttemptStore,
        idempotency: IdempotencyStore,
        lists: Lists,
    ) -> None:
        self._table = table
        self._attempts = attempts
        self._idempotency = idempotency
        self._lists = lists

    def creation(self, log: WebhookLog) -> write.Put:
        """The write of a new log."""
        return write.Put(row=self._row(log), condition=self._table.id.does_not_exist())

    def create(self, log: WebhookLog) -> bool:
        """Write a new log. False if the event already has a log, which is not changed. One request."""
        new = self.creation(log)
        try:
            write.put(new.row, new.condition)
        except write.ConditionFailedError:
            return False
        return True

    def create_idempotent(
        self, log: WebhookLog, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new log. Returns the record of an earlier use of the key, if any. One request."""
        return self._idempotency.create(self._row(log), record, now=now)

    def get(self, log_id: str, merchant_id: str | None = None) -> WebhookLog | None:
        """The log with its newest MAX_SHOWN_ATTEMPTS attempts, oldest first. Two requests.

        None, after one request, if the log does not exist or does not belong to ``merchant_id``.
        """
        try:
            log = log_from_row(self._table.get(log_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None
        if merchant_id not in {None, log.merchant_id}:
            return None
        attempts = sorted((*log.history, *self._attempts.newest(log_id)), key=lambda one: one.at)
        return replace(log, history=tuple(attempts[-MAX_SHOWN_ATTEMPTS:]))

    def get_many(self, log_ids: Iterable[str]) -> list[WebhookLog]:
        """The logs with these ids that exist, without attempts. One consistent request for up to 100."""
        ids = sorted(set(log_ids))
        return [log_from_row(row) for row in self._table.batch_get(ids, consistent_read=True)] if ids else []

    def claim(
        self, log_id: str, *, attempts: int, round_: int, now: datetime, until: datetime
    ) -> WebhookLog | None:
        """Lease the next attempt to one worker until ``until`` and return the log. One request.

        None if the attempt is not the next one any longer, or the log does not exist. Raises AttemptHeldError
        while another worker holds the attempt.
        """
        table = self._table
        unleased = table.leased_until.does_not_exist() | (table.leased_until <= now)
        condition = self._is_next(attempts, round_) & unleased
        try:
            log = log_from_row(write.update(table(log_id), [table.leased_until.set(until)], condition))
        except write.ConditionFailedError as failure:
            if failure.row and _is_held(log_from_row(failure.row), attempts, round_, now):
                raise AttemptHeldError(log_id) from failure
            return None
        return log if log.leased_until == until else None  # the lease may have ended before a repeated write

    def record(self, log: WebhookLog, attempt: Attempt, result: AttemptResult) -> bool:
        """Write the attempt for which ``log`` was claimed, and its result. Two requests.

        The attempt is written first and without a condition on the log, because the request was sent. False,
        without an update of the log, if the log changed in between: a manual retry, or an expired lease.
        """
        self._attempts.add(log, attempt)
        table = self._table
        actions = [
            table.status.set(result.status),
            table.attempts.set(result.attempts),
            table.last_attempt_at.set(attempt.at),
            table.leased_until.remove(),
            write.set_or_remove(table.next_retry_at, result.next_retry_at),
            write.set_or_remove(table.response_code, attempt.response_code),
            write.set_or_remove(table.error, _storable(attempt.error)),
        ]
        held = self._is_next(log.attempts, log.round) & (table.leased_until == log.leased_until)
        try:
            write.update(table(log.id), actions, held)
        except write.ConditionFailedError:
            return False
        return True

    def restart(self, log_id: str, merchant_id: str, *, now: datetime) -> WebhookLog | None:
        """Reset the attempts to 0, due now, and cancel the scheduled attempt. One request.

        None if the log does not exist or does not belong to the merchant.
        """
        table = self._table
        actions = [
            table.status.set(WebhookStatus.PENDING),
            table.attempts.set(0),
            table.round.set(table.round + 1),
            table.next_retry_at.set(now),
            table.leased_until.remove(),
        ]
        condition = (table.merchant_id == merchant_id) & table.status.is_in(
            *sources_of(WEBHOOK_TRANSITIONS, WebhookStatus.PENDING)
        )
        try:
            return log_from_row(write.update(table(log_id), actions, condition))
        except write.ConditionFailedError:
            return None

    def page(self, query: ListQuery) -> Page[WebhookLog]:
        """One page of the merchant's logs, newest first. One request per shard, and one for 100 rows.

        With the filter ``endpoint_id``, which the indexes do not contain, it reads at most MAX_READ rows.
        """
        filters = dict(query.filters)
        endpoint_id = filters.pop("endpoint_id", None)
        if endpoint_id is None:
            return self._page(query)
        rows = replace(query, filters=filters, skip=0, limit=MAX_BATCH)
        found: list[WebhookLog] = []
        skip = query.skip
        for _ in range(MAX_READ // MAX_BATCH):
            page = self._page(rows)
            matching = [log for log in page.items if log.endpoint_id == endpoint_id]
            found += matching[skip:]
            skip = max(0, skip - len(matching))
            if len(found) > query.limit:
                last = found[query.limit - 1]
                return Page(items=found[: query.limit], next_key=self._sort_key(last))
            if page.next_key is None:
                return Page(items=found, next_key=None)
            rows = replace(rows, after=page.next_key)
        return Page(items=found, next_key=rows.after, skip=skip)

    def _page(self, query: ListQuery) -> Page[WebhookLog]:
        page = self._lists.page(self._table, query, lambda row: str(row.id))
        logs = {row.id: log_from_row(row) for row in self._table.batch_get(page.items)}
        return Page(
            items=[logs[id_] for id_ in page.items if id_ in logs], next_key=page.next_key, skip=page.skip
        )

    def _sort_key(self, log: WebhookLog) -> str:
        return str(self._keys(log)["sort_key"])

    def _keys(self, log: WebhookLog) -> dict[str, Any]:
        return self._lists.keys(log.merchant_id, log.id, log.created_at, tie=log.event)

    def count(self, query: ListQuery) -> Total:
        """The number of rows of the list. One request per shard for some thousand rows."""
        return self._lists.count(self._table, query)

    def _row(self, log: WebhookLog) -> WebhookLogRow:
        return self._table(
            id=log.id,
            **self._keys(log),
            merchant_id=log.merchant_id,
            endpoint_id=log.endpoint_id,
            event=log.event,
            payment_id=log.payment_id,
            amount=log.amount,
            currency=log.currency,
            body=log.body,
            status=log.status,
            attempts=log.attempts,
            round=log.round,
            created_at=log.created_at,
            next_retry_at=log.next_retry_at,
            expires_at=log.created_at + RETENTION,
        )

    def _is_next(self, attempts: int, round_: int) -> Condition:
        """The condition that the log is pending and its next attempt is this one."""
        table = self._table
        condition: Condition = table.status == WebhookStatus.PENDING
        condition &= table.attempts == attempts
        condition &= table.round == round_
        return condition


def _is_held(log: WebhookLog, attempts: int, round_: int, now: datetime) -> bool:
    is_leased = log.leased_until is not None and log.leased_until > now
    return is_leased and (log.attempts, log.round) == (attempts, round_)


def log_from_row(row: WebhookLogRow) -> WebhookLog:
    """The log of a row. Also used for the rows of stream records."""
    return WebhookLog(
        id=row.id,
        merchant_id=row.merchant_id,
        endpoint_id=row.endpoint_id or DEFAULT_ID,
        event=row.event,
        payment_id=row.payment_id,
        amount=_integer(row.amount),
        currency=row.currency,
        body=row.body or "",
        created_at=row.created_at,
        next_retry_at=row.next_retry_at,
        status=WebhookStatus(row.status),
        attempts=int(row.attempts),
        round=int(row.round or 0),
        leased_until=row.leased_until,
        last_attempt_at=row.last_attempt_at,
        response_code=_integer(row.response_code),
        error=row.error,
        history=tuple(attempt_from_map(one) for one in row.history or ()),
    )


def _storable(error: str | None) -> str | None:
    """The error as text of limited size that DynamoDB accepts."""
    return error and error[:MAX_ERROR_CHARS].encode(errors="replace").decode()


def _integer(number: float | None) -> int | None:
    return None if number is None else int(number)
