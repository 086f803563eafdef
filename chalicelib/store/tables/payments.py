"""Payments."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from chalicelib.store.tables.refunds import RefundMap

_LISTED = [
    "merchant_id",
    "order_id",
    "amount",
    "currency",
    "method",
    "vpa",
    "card_network",
    "card_last4",
    "status",
    "sequence",
    "amount_refundable",
    "settled_at",
    "captured_at",
    "error_code",
    "error_description",
    "process_at",
    "created_at",
    "updated_at",
]


class PaymentsByMerchant(GlobalSecondaryIndex["PaymentRow"]):
    """The payments of a merchant, by time, with what the list shows."""

    class Meta:
        index_name = "by_merchant"
        projection = IncludeProjection(_LISTED)

    list_key = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class PaymentsByOrder(GlobalSecondaryIndex["PaymentRow"]):
    """The payments of an order, by time, with what the list shows."""

    class Meta:
        index_name = "by_order"
        projection = IncludeProjection([name for name in _LISTED if name != "order_id"])

    order_id = UnicodeAttribute(hash_key=True)
    sort_key = UnicodeAttribute(range_key=True)


class PaymentRow(Model):
    """A payment. Of a card, the network and the last four digits; never more."""

    class Meta:
        table_name = "payments"
        stream_view_type = "NEW_AND_OLD_IMAGES"

    id = UnicodeAttribute(hash_key=True)
    list_key = UnicodeAttribute()
    sort_key = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    order_id = UnicodeAttribute()
    amount = NumberAttribute()
    currency = UnicodeAttribute()
    method = UnicodeAttribute()
    token = UnicodeAttribute(null=True)  # not in the index
    vpa = UnicodeAttribute(null=True)
    card_network = UnicodeAttribute(null=True)
    card_last4 = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    sequence = NumberAttribute()
    amount_refundable = NumberAttribute()
    settled_at = UTCDateTimeAttribute(null=True)
    captured_at = UTCDateTimeAttribute(null=True)
    latest_refund = RefundMap(null=True)
    error_code = UnicodeAttribute(null=True)
    error_description = UnicodeAttribute(null=True)
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    by_merchant = PaymentsByMerchant()
    by_order = PaymentsByOrder()
