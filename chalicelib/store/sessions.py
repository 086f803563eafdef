"""Sessions, and counted attempts such as those of passwords, in DynamoDB.

TTL deletes both; reads also check the expiry of a session.
"""

import hashlib
from datetime import datetime

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.domain.session import Session
from chalicelib.store import write


class SessionRow(Model):
    """A session (with ``merchant_id``), or the counted attempts of a window (with ``attempts``)."""

    class Meta:
        table_name = "sessions"

    id = UnicodeAttribute(hash_key=True)
    merchant_id = UnicodeAttribute(null=True)
    epoch = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    expires_at = TTLAttribute()


class SessionStore:
    """The sessions, by the hash of their token."""

    def __init__(self, table: type[SessionRow]) -> None:
        self._table = table

    def create(self, session: Session) -> None:
        """Write a new session. One request."""
        row = self._table(
            id=session.token_hash,
            merchant_id=session.merchant_id,
            epoch=session.epoch,
            expires_at=session.expires_at,
        )
        write.put(row, self._table.id.does_not_exist())

    def get(self, token_hash: str, *, now: datetime) -> Session | None:
        """The session; None if it does not exist or has expired. One request."""
        try:
            row = self._table.get(token_hash, consistent_read=True)
        except self._table.DoesNotExist:
            return None
        if row.merchant_id is None or row.expires_at <= now:
            return None
        return Session(
            token_hash=row.id, merchant_id=row.merchant_id, expires_at=row.expires_at, epoch=row.epoch
        )

    def delete(self, token_hash: str) -> None:
        """End the session. One request."""
        self._table(token_hash).delete()

    def count_attempt(self, subject: str, *, window_ends_at: datetime) -> int:
        """Count an attempt of ``subject``. Returns the number of attempts in this window. One request."""
        key = self._attempts_key(subject, window_ends_at)
        actions = [self._table.attempts.add(1), self._table.expires_at.set(window_ends_at)]
        row = write.update(key, actions, self._table.merchant_id.does_not_exist())
        return int(row.attempts or 0)

    def reset_attempts(self, subject: str, *, window_ends_at: datetime) -> None:
        """Reset the attempts of this window after a correct password. One request."""
        self._attempts_key(subject, window_ends_at).delete()

    def _attempts_key(self, subject: str, window_ends_at: datetime) -> SessionRow:
        digest = hashlib.sha256(subject.encode()).hexdigest()
        return self._table(f"attempts#{digest}#{int(window_ends_at.timestamp())}")
