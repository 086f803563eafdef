"""Webhook endpoints in DynamoDB.

The default endpoint is part of its merchant's row. Every other endpoint has a separate row in the table of
merchants, with the same attributes, and the merchant's row contains their ids. One request therefore reads
endpoints of any kind, and the condition of the merchant's row limits their number.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.domain.idempotency import IdempotencyRecord
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.webhook_endpoint import (
    MAX_ENDPOINTS,
    DisabledReason,
    EndpointKey,
    EndpointStatus,
    WebhookEndpoint,
)
from chalicelib.store import write
from chalicelib.store.idempotency import IdempotencyStore
from chalicelib.store.merchants import MerchantRow
from chalicelib.store.webhook_endpoint_attributes import (
    WebhookEndpointAttributes,
    endpoint_attributes,
    endpoint_from_attributes,
)

Changes = Mapping[str, Any]
"""New values of ``url``, ``events``, ``payload``, ``description`` and ``status``. None removes a value."""


class WebhookEndpointRow(WebhookEndpointAttributes, Model):
    """The endpoint's part of a merchant's row, or the row of another endpoint."""

    class Meta:
        table_name = "merchants"

    id = UnicodeAttribute(hash_key=True)


class TooManyEndpointsError(Exception):
    """The merchant has MAX_ENDPOINTS endpoints."""


class WebhookEndpointStore:
    """The webhook endpoints of all merchants."""

    def __init__(
        self, table: type[WebhookEndpointRow], merchants: type[MerchantRow], idempotency: IdempotencyStore
    ) -> None:
        self._table = table
        self._merchants = merchants
        self._idempotency = idempotency

    def get(self, key: EndpointKey) -> WebhookEndpoint | None:
        """The endpoint, read consistently. One request."""
        try:
            return _endpoint(self._table.get(key.text, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def get_many(self, keys: Iterable[EndpointKey]) -> dict[EndpointKey, WebhookEndpoint]:
        """The endpoints with these keys that exist, sorted, read consistently. One request for up to 100."""
        ids = sorted({key.text for key in keys})
        if not ids:
            return {}
        rows = {row.id: _endpoint(row) for row in self._table.batch_get(ids, consistent_read=True)}
        return {EndpointKey.parse(id_): rows[id_] for id_ in ids if id_ in rows}

    def of_merchant(self, merchant: Merchant) -> list[WebhookEndpoint]:
        """All endpoints of the merchant, the default one first. One request if there are others."""
        return [merchant.webhook, *self.get_many(merchant.other_endpoints).values()]

    def create(
        self, key: EndpointKey, endpoint: WebhookEndpoint, record: IdempotencyRecord | None, *, now: datetime
    ) -> IdempotencyRecord | None:
        """Write a new endpoint. Returns the record of an earlier use of the key, if any. One request.

        Raises TooManyEndpointsError.
        """
        table = self._merchants
        has_space = table.endpoint_ids.does_not_exist() | (size(table.endpoint_ids) < MAX_ENDPOINTS - 1)
        listing = write.Update(
            row=table(key.merchant_id),
            actions=[table.endpoint_ids.add({key.endpoint_id})],
            condition=table.id.exists() & has_space,
        )
        row = self._table(id=key.text, **endpoint_attributes(endpoint))
        try:
            return self._idempotency.create(row, record, now=now, updates=[listing])
        except write.ConditionFailedError as failure:
            raise TooManyEndpointsError from failure

    def delete(self, key: EndpointKey) -> bool:
        """Delete an endpoint other than the default one. False if it does not exist. One request."""
        table = self._merchants
        unlisting = write.Update(
            row=table(key.merchant_id),
            actions=[table.endpoint_ids.delete({key.endpoint_id})],
            condition=table.endpoint_ids.contains(key.endpoint_id),
        )
        try:
            write.transact([unlisting, write.Delete(row=self._table(key.text))])
        except write.ConditionFailedError:
            return False
        return True

    def change(self, key: EndpointKey, changes: Changes, *, now: datetime) -> WebhookEndpoint | None:
        """Apply ``changes``. None if the endpoint does not exist. One request.

        Its health starts again with a new URL, and when it is enabled.
        """
        actions = [
            write.set_or_remove(getattr(self._table, f"webhook_{name}"), value)
            for name, value in changes.items()
            if name != "status"
        ]
        match changes.get("status"):
            case EndpointStatus.ENABLED:
                actions += self._enable(now)
            case EndpointStatus.DISABLED:
                actions += self._disable(DisabledReason.REQUESTED, now)
            case None if "url" in changes:
                actions.append(self._table.webhook_enabled_at.set(now))
        return self._update(key, actions)

    def set_secret(
        self, key: EndpointKey, secret: str, *, previous_until: datetime
    ) -> WebhookEndpoint | None:
        """Set the signing secret. The previous one also signs until ``previous_until``. One request."""
        table = self._table
        actions: list[Action] = [
            table.previous_webhook_secret.set(table.webhook_secret),
            table.previous_webhook_secret_until.set(previous_until),
            table.webhook_secret.set(secret),
        ]
        return self._update(key, actions)

    def disabling(
        self, key: EndpointKey, endpoint: WebhookEndpoint, *, since: datetime, now: datetime
    ) -> write.Update:
        """The write that disables ``endpoint``, which fails since ``since``, unless it was changed."""
        table = self._table
        is_same: Condition = table.webhook_disabled_at.does_not_exist()
        if endpoint.enabled_at:
            is_same &= table.webhook_enabled_at == endpoint.enabled_at
        else:
            is_same &= table.webhook_enabled_at.does_not_exist()
        return write.Update(
            row=table(key.text),
            actions=[*self._disable(DisabledReason.FAILING, now), table.webhook_failing_since.set(since)],
            condition=table.id.exists() & is_same,
        )

    def _enable(self, now: datetime) -> list[Action]:
        table = self._table
        return [
            table.webhook_enabled_at.set(now),
            table.webhook_disabled_at.remove(),
            table.webhook_disabled_reason.remove(),
            table.webhook_failing_since.remove(),
        ]

    def _disable(self, reason: DisabledReason, now: datetime) -> list[Action]:
        table = self._table
        return [table.webhook_disabled_at.set(now), table.webhook_disabled_reason.set(reason)]

    def _update(self, key: EndpointKey, actions: list[Action]) -> WebhookEndpoint | None:
        try:
            return _endpoint(write.update(self._table(key.text), actions, self._table.id.exists()))
        except write.ConditionFailedError:
            return None


def _endpoint(row: WebhookEndpointRow) -> WebhookEndpoint:
    return endpoint_from_attributes(row, EndpointKey.parse(row.id).endpoint_id)
