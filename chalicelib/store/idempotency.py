"""Idempotency keys in DynamoDB: the record is part of the transaction that makes the object."""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyRecord, StoredResponse
from chalicelib.store import write
from chalicelib.store.tables import IdempotencyKeyRow


class IdempotencyStore:
    """Creates rows once a key."""

    def __init__(self, table: type[IdempotencyKeyRow]) -> None:
        self._table = table

    def create(
        self, row: Model, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new ``row``, and with it ``record``. One request.

        Returns None when the row was written, and the earlier record when the key was used before; then
        nothing is written. A record past its 24 h counts as absent even while TTL has not deleted it.
        """
        is_new = _is_new(row)
        if record is None:
            write.put(row, is_new)
            return None
        key_row = self._row(record)
        unused = self._table.id.does_not_exist() | (self._table.expires_at <= now)
        try:
            write.put_together(
                [write.Put(row=key_row, condition=unused), write.Put(row=row, condition=is_new)]
            )
        except write.ConditionFailedError as failure:
            if not isinstance(failure.row, IdempotencyKeyRow):
                raise
            return _record(failure.row)
        return None

    def _row(self, record: IdempotencyRecord) -> IdempotencyKeyRow:
        return self._table(
            id=record.id,
            fingerprint=record.fingerprint,
            status=record.response.status,
            body=record.response.body,
            expires_at=record.expires_at,
        )


def _is_new(row: Model) -> Condition:
    return type(row).id.does_not_exist()  # type: ignore[attr-defined,no-any-return]


def _record(row: IdempotencyKeyRow) -> IdempotencyRecord:
    return IdempotencyRecord(
        id=row.id,
        fingerprint=row.fingerprint,
        response=StoredResponse(status=int(row.status), body=row.body),
        expires_at=row.expires_at,
    )
