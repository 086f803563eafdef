"""Merchants in DynamoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import (
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.merchant import Merchant
from chalicelib.domain.time_zone import DEFAULT_TIME_ZONE
from chalicelib.domain.webhook_endpoint import DEFAULT_ID
from chalicelib.store import write
from chalicelib.store.webhook_endpoint_attributes import (
    WebhookEndpointAttributes,
    endpoint_attributes,
    endpoint_from_attributes,
)


class ByApiKey(GlobalSecondaryIndex["MerchantRow"]):
    """Merchants by API key."""

    class Meta:
        index_name = "by_api_key"
        projection = AllProjection()

    api_key = UnicodeAttribute(hash_key=True)


class ByEmail(GlobalSecondaryIndex["MerchantRow"]):
    """Merchants by email address, always in lower case."""

    class Meta:
        index_name = "by_email"
        projection = AllProjection()

    email = UnicodeAttribute(hash_key=True)


class MerchantRow(WebhookEndpointAttributes, Model):
    """A merchant, its default webhook endpoint, and outside production its clock (``merchant_clocks.py``)."""

    class Meta:
        table_name = "merchants"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    api_key = UnicodeAttribute()
    api_secret_hash = UnicodeAttribute()
    previous_api_secret_hash = UnicodeAttribute(null=True)
    previous_api_secret_until = UTCDateTimeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    endpoint_ids: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    return_origins: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    time_zone = UnicodeAttribute(null=True)
    acquirers: MapAttribute[str, Any] = MapAttribute(null=True)
    created_at = UTCDateTimeAttribute()
    deactivated_at = UTCDateTimeAttribute(null=True)
    session_epoch = UnicodeAttribute(null=True)
    kept_session = UnicodeAttribute(null=True)
    clock_offset_ms = NumberAttribute(null=True)
    clock_target = UTCDateTimeAttribute(null=True)
    clock_leased_until = UTCDateTimeAttribute(null=True)
    by_api_key = ByApiKey()
    by_email = ByEmail()


class MerchantStore:
    """The merchants, by id, API key and email address."""

    def __init__(self, table: type[MerchantRow]) -> None:
        self._table = table

    def find_by_api_key(self, api_key: str) -> Merchant | None:
        """The merchant with this API key. One request, eventually consistent."""
        rows = self._table.query(api_key, index_name="by_api_key", limit=1)
        return next((merchant_from_row(row) for row in rows), None)

    def find_by_email(self, address: str) -> Merchant | None:
        """The merchant with this email address. One request, eventually consistent."""
        rows = self._table.query(address, index_name="by_email", limit=1)
        return next((merchant_from_row(row) for row in rows), None)

    def get(self, merchant_id: str) -> Merchant | None:
        """The merchant, read consistently. One request."""
        try:
            return merchant_from_row(self._table.get(merchant_id, consistent_read=True))
        except self._table.DoesNotExist:
            return None

    def get_many(self, merchant_ids: Iterable[str]) -> dict[str, Merchant]:
        """The merchants with these ids that exist, read consistently. One request for up to 100."""
        ids = sorted(set(merchant_ids))
        if not ids:
            return {}
        return {row.id: merchant_from_row(row) for row in self._table.batch_get(ids, consistent_read=True)}

    def create(self, merchant: Merchant) -> bool:
        """Write a new merchant. False if the id exists. One request."""
        row = self._table(
            id=merchant.id,
            name=merchant.name,
            email=merchant.email,
            api_key=merchant.api_key,
            api_secret_hash=merchant.api_secret_hash,
            password_hash=merchant.password_hash,
            **endpoint_attributes(merchant.webhook),
            created_at=merchant.created_at,
        )
        try:
            write.put(row, self._table.id.does_not_exist())
        except write.ConditionFailedError:
            return False
        return True

    def rotate_api_secret(
        self, seen: Merchant, secret_hash: str, *, previous_hash: str | None, until: datetime | None
    ) -> bool:
        """Set the API secret. The one with ``previous_hash`` is accepted until ``until``, all others end.

        False if the secrets are no longer those of ``seen``. One request.
        """
        table = self._table
        actions = [
            table.api_secret_hash.set(secret_hash),
            write.set_or_remove(table.previous_api_secret_hash, previous_hash),
            write.set_or_remove(table.previous_api_secret_until, until),
        ]
        condition = table.api_secret_hash.is_in(seen.api_secret_hash)
        condition &= _is(table.previous_api_secret_hash, seen.previous_api_secret_hash)
        try:
            write.update(table(seen.id), actions, condition)
        except write.ConditionFailedError:
            return False
        return True

    def end_previous_api_secret(self, merchant_id: str, previous_hash: str) -> bool:
        """End the previous API secret if it has this hash. False if it does not. One request."""
        table = self._table
        actions = [table.previous_api_secret_hash.remove(), table.previous_api_secret_until.remove()]
        try:
            write.update(table(merchant_id), actions, table.previous_api_secret_hash.is_in(previous_hash))
        except write.ConditionFailedError:
            return False
        return True

    def set_acquirer(self, merchant_id: str, method: PaymentMethod, name: str) -> Merchant | None:
        """Set the acquirer of a payment method. One request, two after the merchant's first."""
        table = self._table
        is_first = table.id.exists() & table.acquirers.does_not_exist()
        try:
            return merchant_from_row(
                write.update(table(merchant_id), [table.acquirers.set({method.value: name})], is_first)
            )
        except write.ConditionFailedError as error:
            if error.row is None:
                return None
        return self._update(merchant_id, [table.acquirers[method.value].set(name)])

    def deactivate(self, merchant_id: str, *, now: datetime) -> Merchant | None:
        """Deactivate the merchant. One request."""
        return self._update(merchant_id, [self._table.deactivated_at.set(now)])

    def reactivate(self, merchant_id: str, *, epoch: str) -> Merchant | None:
        """Reactivate the merchant; no-op if it is active. Sessions from before stay ended. One request."""
        table = self._table
        actions = [table.deactivated_at.remove(), *self._end_sessions(epoch)]
        try:
            condition = table.id.exists() & table.deactivated_at.exists()
            return merchant_from_row(write.update(table(merchant_id), actions, condition))
        except write.ConditionFailedError as error:
            return merchant_from_row(error.row) if error.row else None

    def end_sessions(self, merchant_id: str, *, epoch: str, kept: str | None = None) -> Merchant | None:
        """End all sessions, except the one with the token hash ``kept``. One request."""
        return self._update(merchant_id, self._end_sessions(epoch, kept))

    def set_password(self, merchant_id: str, password_hash: str, *, epoch: str) -> Merchant | None:
        """Set the password and end all sessions. One request."""
        actions = [self._table.password_hash.set(password_hash), *self._end_sessions(epoch)]
        return self._update(merchant_id, actions)

    def change_password(
        self, merchant_id: str, password_hash: str, *, verified: str, epoch: str, kept: str
    ) -> bool:
        """Replace the password with the hash ``verified`` and end all sessions except ``kept``.

        False if the password was changed in between. One request.
        """
        table = self._table
        actions = [table.password_hash.set(password_hash), *self._end_sessions(epoch, kept)]
        try:
            write.update(table(merchant_id), actions, table.password_hash.is_in(verified))
        except write.ConditionFailedError:
            return False
        return True

    def set_return_origins(self, merchant_id: str, origins: frozenset[str]) -> Merchant | None:
        """Replace the origins to which buyers may return. One request."""
        attribute = self._table.return_origins  # DynamoDB has no empty sets
        return self._update(merchant_id, [attribute.set(set(origins)) if origins else attribute.remove()])

    def set_time_zone(self, merchant_id: str, name: str) -> Merchant | None:
        """Set the time zone. One request."""
        return self._update(merchant_id, [self._table.time_zone.set(name)])

    def _end_sessions(self, epoch: str, kept: str | None = None) -> list[Action]:
        table = self._table
        set_kept = table.kept_session.set(kept) if kept else table.kept_session.remove()
        return [table.session_epoch.set(epoch), set_kept]

    def _update(self, merchant_id: str, actions: Sequence[Action]) -> Merchant | None:
        try:
            return merchant_from_row(write.update(self._table(merchant_id), actions, self._table.id.exists()))
        except write.ConditionFailedError:
            return None


def _is(attribute: UnicodeAttribute, value: str | None) -> Condition:
    """The condition that the attribute has this value, or does not exist if ``value`` is None."""
    return attribute.does_not_exist() if value is None else attribute == value


def merchant_from_row(row: MerchantRow) -> Merchant:
    """The merchant in a row."""
    return Merchant(
        id=row.id,
        name=row.name,
        email=row.email,
        api_key=row.api_key,
        api_secret_hash=row.api_secret_hash,
        previous_api_secret_hash=row.previous_api_secret_hash,
        previous_api_secret_until=row.previous_api_secret_until,
        password_hash=row.password_hash,
        webhook=endpoint_from_attributes(row, DEFAULT_ID),
        endpoint_ids=frozenset(row.endpoint_ids or ()),
        return_origins=frozenset(row.return_origins or ()),
        time_zone=row.time_zone or DEFAULT_TIME_ZONE,
        acquirers=_acquirers(row.acquirers.as_dict() if row.acquirers else {}),
        created_at=row.created_at,
        deactivated_at=row.deactivated_at,
        session_epoch=row.session_epoch,
        kept_session=row.kept_session,
    )


def _acquirers(stored: dict[str, str]) -> dict[PaymentMethod, str]:
    """The acquirers of the payment methods of this version."""
    return {method: stored[method.value] for method in PaymentMethod if method.value in stored}
