"""Webhook attempts: one item for each HTTP request of a webhook log."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.store.tables.webhook_logs import AttemptMap


class WebhookAttemptRow(Model):
    """One attempt. ``sort_key`` orders the attempts of a log by time and is unique to a worker's claim.

    ``round`` is the number of manual retries before it, ``number`` counts from 1 in each round.
    """

    class Meta:
        table_name = "webhook_attempts"

    log_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)
    round = NumberAttribute()
    number = NumberAttribute()
    attempt: AttemptMap = AttemptMap()
    expires_at = TTLAttribute()
