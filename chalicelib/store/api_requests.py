"""The log of API requests in DynamoDB. TTL deletes the rows; reads also check their age.

A row is smaller than 1 KB and is written once, without a condition: 1 write unit, 1 of the list, and 1 of the
list of a payment if the request is about one.
"""

from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from chalicelib.domain.api_request import ApiRequest
from chalicelib.store.lists import ListQuery, Lists, Page
from chalicelib.store.totals import Total


class RequestsByMerchant(GlobalSecondaryIndex["ApiRequestRow"]):
    """The requests of a merchant."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RequestsByPayment(GlobalSecondaryIndex["ApiRequestRow"]):
    """The requests about a payment."""

    class Meta:
        index_name = "by_payment"
        projection = AllProjection()

    payment_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class ApiRequestRow(Model):
    """A request. ``id`` is that of the merchant and of the request. ``failed`` is true or false, as text."""

    class Meta:
        table_name = "api_requests"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    request_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    method = UnicodeAttribute()
    route = UnicodeAttribute()
    status = NumberAttribute()
    took_ms = NumberAttribute()
    credential = UnicodeAttribute()
    failed = UnicodeAttribute()
    error_code = UnicodeAttribute(null=True)
    order_id = UnicodeAttribute(null=True)
    payment_id = UnicodeAttribute(null=True)
    refund_id = UnicodeAttribute(null=True)
    webhook_log_id = UnicodeAttribute(null=True)
    expires_at = TTLAttribute()
    by_merchant = RequestsByMerchant()
    by_payment = RequestsByPayment()


class ApiRequestStore:
    """The requests. ``quick`` is the model ``table`` with a client for writes that must not take long."""

    def __init__(self, table: type[ApiRequestRow], quick: type[ApiRequestRow], lists: Lists) -> None:
        self._table = table
        self._quick = quick
        self._lists = lists

    def add(self, request: ApiRequest, *, expires_at: datetime) -> None:
        """Write a request. One request, without a retry."""
        keys = self._lists.keys(request.merchant_id, request.request_id, request.created_at)
        row = self._quick(
            id=_id(request.merchant_id, request.request_id),
            failed=flag(request.is_failed),
            expires_at=expires_at,
            **keys,
            **vars(request),
        )
        row.save()

    def get(self, request_id: str, merchant_id: str, *, now: datetime) -> ApiRequest | None:
        """The merchant's request; None if it does not exist or has expired. One request."""
        try:
            row = self._table.get(_id(merchant_id, request_id), consistent_read=True)
        except self._table.DoesNotExist:
            return None
        return _request(row) if row.expires_at > now else None

    def page(self, query: ListQuery) -> Page[ApiRequest]:
        """One page of requests. One request per shard."""
        return self._lists.page(self._table, query, _request)

    def count(self, query: ListQuery) -> Total:
        """The number of requests, up to a limit."""
        return self._lists.count(self._table, query)


def flag(value: bool) -> str:  # noqa: FBT001 - the value is the subject
    """A boolean as the text that filters compare."""
    return "true" if value else "false"


def _id(merchant_id: str, request_id: str) -> str:
    return f"{merchant_id}#{request_id}"


_FIELDS = tuple(ApiRequest.__dataclass_fields__)


def _request(row: ApiRequestRow) -> ApiRequest:
    fields: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    return ApiRequest(**fields | {"status": int(row.status), "took_ms": int(row.took_ms)})
