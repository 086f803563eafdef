"""Idempotency keys, with the answers they got."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model


class IdempotencyKeyRow(Model):
    """A first use of an idempotency key, with the answer it got."""

    class Meta:
        table_name = "idempotency_keys"

    id = UnicodeAttribute(hash_key=True)
    fingerprint = UnicodeAttribute()
    status = NumberAttribute()
    body = UnicodeAttribute()
    expires_at = TTLAttribute()
