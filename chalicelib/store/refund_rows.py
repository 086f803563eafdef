"""A refund as attributes: of its own row, and inside the payment whose latest change it was."""

from typing import Any

from chalicelib.domain.refund import Refund, RefundStatus
from chalicelib.store.tables import RefundMap, RefundRow


def refund_of(row: RefundRow | RefundMap) -> Refund:
    """The refund a row holds."""
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
    )


def attributes_of(refund: Refund) -> dict[str, Any]:
    """The attributes that hold a refund."""
    return dict(vars(refund))
