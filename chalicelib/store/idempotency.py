"""Idempotency keys in DynamoDB: the record is part of the transaction that makes the object."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyKey, IdempotencyRecord, StoredResponse
from chalicelib.store import write


class IdempotencyKeyRow(Model):
    """A first use of an idempotency key, with the answer it got."""

    class Meta:
        table_name = "idempotency_keys"

    id = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    status = NumberAttribute()
    body = UnicodeAttribute()
    expires_at = TTLAttribute()


class IdempotencyStore:
    """Creates rows once a key."""

    def __init__(self, table: type[IdempotencyKeyRow]) -> None:
        self._table = table

    def create(
        self,
        row: Model,
        record: IdempotencyRecord | None,
        *,
        now: datetime,
        along: Sequence[write.Update] = (),
    ) -> IdempotencyRecord | None:
        """Write a new ``row``, and with it ``record`` and the changes ``along``. One request.

        Returns None when the row was written, and the earlier record when the key was used before; then
        nothing is written. A record past its 24 h counts as absent even while TTL has not deleted it.
        Raises ConditionFailedError when a condition of ``along`` does not hold.
        """
        new = write.Put(row=row, condition=_is_new(row))
        if record is None and not along:
            write.put(row, new.condition)
            return None
        try:
            write.together([*self._uses(record, now), new, *along])
        except write.ConditionFailedError as failure:
            if not isinstance(failure.row, IdempotencyKeyRow):
                raise
            return _record(failure.row)
        return None

    def find(
        self, key: IdempotencyKey | None, merchant_id: str, *, now: datetime
    ) -> IdempotencyRecord | None:
        """The record of a key that the merchant used in the last 24 h. One request; none without a key."""
        if key is None:
            return None
        try:
            record = _record(self._table.get(key.record_id(merchant_id), consistent_read=True))
        except self._table.DoesNotExist:
            return None
        return record if record.expires_at > now else None

    def _uses(self, record: IdempotencyRecord | None, now: datetime) -> list[write.Put]:
        """The write that uses the key up, where there is one: absent, or past its 24 h."""
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
    """Rounded up: TTL counts in whole seconds, and no key is to be forgotten before its 24 h are over."""
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
