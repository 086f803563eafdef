"""The health of webhook endpoints in DynamoDB: one item for each endpoint and hour with attempts."""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.models import Model

from chalicelib.domain.webhook_endpoint import EndpointKey
from chalicelib.domain.webhook_health import RETENTION, Hour, Results, hour_of
from chalicelib.store import write


class WebhookHealthRow(Model):
    """The results of the attempts of one endpoint that started in one hour."""

    class Meta:
        table_name = "webhook_health"

    endpoint = UnicodeAttribute(hash_key=True)
    hour = UTCDateTimeAttribute(range_key=True)
    accepted = NumberAttribute(null=True)
    failed = NumberAttribute(null=True)
    latency_ms = NumberAttribute(null=True)
    last_success_at = UTCDateTimeAttribute(null=True)
    last_failure_at = UTCDateTimeAttribute(null=True)
    expires_at = TTLAttribute()


class WebhookHealthStore:
    """The health of all endpoints."""

    def __init__(self, table: type[WebhookHealthRow]) -> None:
        self._table = table

    def add(self, key: EndpointKey, results: Results, *, at: datetime) -> Results:
        """Add ``results`` to the hour of ``at``. Returns the new results of the hour. One request.

        The sums are estimates: the row is written often, so the ids of other writes can displace that of a
        write whose response was lost, and its results are added twice.
        """
        table, hour = self._table, hour_of(at)
        actions = [
            table.accepted.add(results.accepted),
            table.failed.add(results.failed),
            table.latency_ms.add(results.latency_ms),
            table.expires_at.set(hour + RETENTION),
        ]
        if results.last_success_at:
            actions.append(table.last_success_at.set(results.last_success_at))
        if results.last_failure_at:
            actions.append(table.last_failure_at.set(results.last_failure_at))
        return _results(write.update(table(key.text, hour), actions, condition=None))

    def hours(self, key: EndpointKey, *, since: datetime) -> list[Hour]:
        """The hours from ``since`` on, oldest first. One request."""
        newer = self._table.hour >= hour_of(since)
        rows = self._table.query(key.text, range_key_condition=newer)
        return [Hour(start=row.hour, results=_results(row)) for row in rows]


def _results(row: WebhookHealthRow) -> Results:
    return Results(
        accepted=int(row.accepted or 0),
        failed=int(row.failed or 0),
        latency_ms=int(row.latency_ms or 0),
        last_success_at=row.last_success_at,
        last_failure_at=row.last_failure_at,
    )
