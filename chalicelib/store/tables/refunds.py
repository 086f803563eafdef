"""Refunds."""

from typing import Any

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model


class RefundMap(MapAttribute[str, Any]):
    """A refund inside the payment whose latest change it was."""

    id = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)


class RefundsByMerchant(GlobalSecondaryIndex["RefundRow"]):
    """The refunds of a merchant, by time."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RefundsByPayment(GlobalSecondaryIndex["RefundRow"]):
    """The refunds of a payment, by time."""

    class Meta:
        index_name = "by_payment"
        projection = AllProjection()

    payment_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class RefundRow(Model):
    """A refund."""

    class Meta:
        table_name = "refunds"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)
    by_merchant = RefundsByMerchant()
    by_payment = RefundsByPayment()
