"""Idempotency keys in DynamoDB. The record is written in the transaction that creates the object."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyKey, IdempotencyRecord, StoredResponse
from chalicelib.store import write


class IdempotencyKeyRow(Model):
    """The first use of an idempotency key, with its response."""

    class Meta:
        table_name = "idempotency_keys"

    id = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    status = NumberAttribute()
    body = UnicodeAttribute()
    expires_at = TTLAttribute()


class IdempotencyStore:
    """Creates one row for each idempotency key."""

    def __init__(self, table: type[IdempotencyKeyRow]) -> None:
        self._table = table

    def create(
        self,
        row: Model,
        record: IdempotencyRecord | None,
        *,
        now: datetime,
        updates: Sequence[write.Update] = (),
    ) -> IdempotencyRecord | None:
        """Write a new ``row``, ``record`` and ``updates`` in one transaction. One request.

        Returns None if the row was written. Returns the earlier record, and writes nothing, if the key was
        used before. A record older than 24 h counts as absent, even if TTL has not deleted it yet.
        Raises ConditionFailedError if the condition of an update fails.
        """
        new = write.Put(row=row, condition=_is_new(row))
        if record is None and not updates:
            write.put(row, new.condition)
            return None
        try:
            write.transact([*self._record_writes(record, now), new, *updates])
        except write.ConditionFailedError as failure:
            if not isinstance(failure.row, IdempotencyKeyRow):
                raise
            return _record(failure.row)
        return None

    def find(
        self, key: IdempotencyKey | None, merchant_id: str, *, now: datetime
    ) -> IdempotencyRecord | None:
        """The record of a key that the merchant used in the last 24 h. One request if there is a key."""
        if key is None:
            return None
        try:
            record = _record(self._table.get(key.record_id(merchant_id), consistent_read=True))
        except self._table.DoesNotExist:
            return None
        return record if record.expires_at > now else None

    def _record_writes(self, record: IdempotencyRecord | None, now: datetime) -> list[write.Put]:
        """The write of ``record``, if any. Its condition: the key is absent or older than 24 h."""
        if record is None:
            return []
        unused = self._table.id.does_not_exist() | (self._table.expires_at <= now)
        return [write.Put(row=self._row(record), condition=unused)]

    def _row(self, record: IdempotencyRecord) -> IdempotencyKeyRow:
        return self._table(
            id=record.id,
            fingerprint=record.fingerprint,
            status=record.response.status,
            body=record.response.body,
            expires_at=_whole_second(record.expires_at),
        )


def _whole_second(moment: datetime) -> datetime:
    """``moment`` rounded up to a whole second, as TTL requires, so that a key lasts at least 24 h."""
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)


def _is_new(row: Model) -> Condition:
    return type(row).id.does_not_exist()  # type: ignore[attr-defined,no-any-return]


def _record(row: IdempotencyKeyRow) -> IdempotencyRecord:
    return IdempotencyRecord(
        id=row.id,
        fingerprint=row.fingerprint,
        response=StoredResponse(status=int(row.status), body=row.body),
        expires_at=row.expires_at,
    )
