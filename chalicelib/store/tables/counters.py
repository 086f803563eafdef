"""Counters, and the marks of what was counted."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model


class CounterRow(Model):
    """A counter of a merchant, or the mark that a change was counted."""

    class Meta:
        table_name = "stats"

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    value = NumberAttribute(null=True)
    expires_at = TTLAttribute(null=True)
