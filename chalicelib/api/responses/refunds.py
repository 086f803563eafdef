"""Response bodies of refunds."""

from typing import Self

from chalicelib.api.fields import PaymentId, RefundId, Timestamp
from chalicelib.api.responses.view import View
from chalicelib.domain.refund import Refund, RefundStatus


class NewRefundView(View):
    """A new refund. ``currency`` is the payment's."""

    STATUS = 201
    LOGGED_ID = "refund_id"

    id: RefundId
    payment_id: PaymentId
    amount: int
    currency: str | None
    reason: str | None
    status: RefundStatus
    created_at: Timestamp

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """The fields of ``refund``."""
        return cls.model_validate(vars(refund))


class RefundView(NewRefundView):
    """A refund. ``processed_at`` is null until it is processed."""

    STATUS = 200

    processed_at: Timestamp | None
