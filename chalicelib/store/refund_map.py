"""The attributes of a refund, in its row and in the ``latest_refund`` of its payment."""

from typing import TYPE_CHECKING, Any

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.domain.refund import Refund, RefundStatus

if TYPE_CHECKING:
    from chalicelib.store.refunds import RefundRow


class RefundMap(MapAttribute[str, Any]):
    """The ``latest_refund`` of a payment."""

    id = UnicodeAttribute()
    payment_id = UnicodeAttribute()
    merchant_id = UnicodeAttribute()
    amount = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    process_at = UTCDateTimeAttribute()
    created_at = UTCDateTimeAttribute()
    processed_at = UTCDateTimeAttribute(null=True)
    currency = UnicodeAttribute(null=True)


def refund_from_row(row: "RefundRow | RefundMap") -> Refund:
    """The refund of a row or of a ``latest_refund``."""
    return Refund(
        id=row.id,
        payment_id=row.payment_id,
        merchant_id=row.merchant_id,
        amount=int(row.amount),
        reason=row.reason,
        status=RefundStatus(row.status),
        process_at=row.process_at,
        created_at=row.created_at,
        processed_at=row.processed_at,
        currency=row.currency,
    )


def attributes_of(refund: Refund) -> dict[str, Any]:
    """The attributes of ``refund``."""
    return dict(vars(refund))
