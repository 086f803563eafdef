"""The pace of webhook endpoints in DynamoDB: one item for each endpoint that is or was slow."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.models import Model

from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.store import write


class WebhookPaceRow(Model):
    """An endpoint that is slow since ``slow_since``. ``turn_until`` is set while a worker has its turn."""

    class Meta:
        table_name = "webhook_pace"

    endpoint = UnicodeAttribute(hash_key=True)
    slow_since = UTCDateTimeAttribute(null=True)
    turn_until = UTCDateTimeAttribute(null=True)


class WebhookPaceStore:
    """The slow endpoints of all merchants."""

    def __init__(self, table: type[WebhookPaceRow]) -> None:
        self._table = table

    def slow(self, keys: Iterable[EndpointKey]) -> dict[EndpointKey, datetime | None]:
        """Those of the endpoints that are slow, each with the end of its turn, if one was taken.

        One request for up to 100 endpoints. The read may be stale.
        """
        rows = self._table.batch_get(sorted({key.text for key in keys}))
        return {EndpointKey.parse(row.endpoint): row.turn_until for row in rows if row.slow_since}

    def take_turn(self, key: EndpointKey, *, now: datetime, until: datetime) -> bool:
        """Take the turn of a slow endpoint. False while another worker has it. One request."""
        table = self._table
        is_free = table.turn_until.does_not_exist() | (table.turn_until <= now)
        try:
            write.update(table(key.text), [table.turn_until.set(until)], table.slow_since.exists() & is_free)
        except write.ConditionFailedError:
            return False
        return True

    def end_turn(self, key: EndpointKey, *, until: datetime) -> None:
        """End the turn that was taken until ``until``. One request."""
        table = self._table
        with suppress(write.ConditionFailedError):
            is_own = table.turn_until == until
            write.update(table(key.text), [table.turn_until.remove()], is_own, is_repeatable=True)

    def set_slow(self, key: EndpointKey, *, since: datetime) -> None:
        """Record that the endpoint is slow. One request."""
        table = self._table
        with suppress(write.ConditionFailedError):
            is_new = table.slow_since.does_not_exist()
            write.update(table(key.text), [table.slow_since.set(since)], is_new, is_repeatable=True)

    def set_fast(self, key: EndpointKey) -> None:
        """Record that the endpoint is fast, and end its turn. One request."""
        table = self._table
        actions = [table.slow_since.remove(), table.turn_until.remove()]
        write.update(table(key.text), actions, condition=None, is_repeatable=True)
