"""Orders."""

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model


class OrdersByMerchant(GlobalSecondaryIndex["OrderRow"]):
    """The orders of a merchant, by time."""

    class Meta:
        index_name = "by_merchant"
        projection = AllProjection()

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class OrderRow(Model):
    """An order. ``attempts`` is absent on rows of a version that did not count them."""

    class Meta:
        table_name = "orders"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    receipt = UnicodeAttribute(null=True)
    notes = JSONAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    pay_once = BooleanAttribute(null=True)
    expires_at = UTCDateTimeAttribute(null=True)
    attempts = NumberAttribute(null=True)
    open_payment_ids = UnicodeSetAttribute(null=True)  # absent while there is none
    paid_payment_id = UnicodeAttribute(null=True)
    by_merchant = OrdersByMerchant()
