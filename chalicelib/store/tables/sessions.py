"""Sessions, and the login attempts of a while."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model


class SessionRow(Model):
    """A session (with a ``merchant_id``), or the login attempts of a while (with ``attempts``)."""

    class Meta:
        table_name = "sessions"

    id = UnicodeAttribute(hash_key=True)
    merchant_id = UnicodeAttribute(null=True)
    epoch = UnicodeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    expires_at = TTLAttribute()
