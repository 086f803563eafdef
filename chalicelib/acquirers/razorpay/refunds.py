"""Refunds at Razorpay. Their idempotency key and their receipt are derived from the key of this gateway."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.acquirers.base import Approved, Declined, Pending, RefundRequest, Result, Unknown
from chalicelib.acquirers.razorpay.api import OK, RazorpayApi
from chalicelib.acquirers.razorpay.values import REFUNDABLE_FOR, Refund, RefundStatus, Refused
from chalicelib.acquirers.transport import Response
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode

KEY_HEADER = "x-refund-idempotency"
_PAUSE = timedelta(hours=1)  # between two checks of a refund that takes days


@dataclass(frozen=True, kw_only=True)
class RazorpayRefunds:
    """The refunds of one merchant. The methods raise NoResultError."""

    api: RazorpayApi
    clock: Clock

    def create(self, request: RefundRequest) -> Result:
        """Refund the buyer. 1 request, or 2: the response to a repeated request can be the first one."""
        kind, _, id_ = request.idempotency_key.partition(":")
        receipt = _receipt(request)
        notes = {"refund_id" if kind == "refund" else "payment_id": id_}
        body = {"amount": request.money.amount, "receipt": receipt, "notes": notes}
        path = f"/v1/payments/{request.payment_reference}/refund"
        response = self.api.post(path, body, **{KEY_HEADER: receipt})
        if response.status not in OK:
            return self._refused(request, response)
        refund = self.api.exchange.read(response, Refund)
        if refund.status is RefundStatus.PENDING:
            refund = self.api.refund(refund.id)
        return self._result(refund)

    def find(self, request: RefundRequest, reference: str | None) -> Result | None:
        """The result of the refund, or of the one with the receipt."""
        if reference:
            return self._result(self.api.refund(reference))
        refund = self.api.refund_of(request.payment_reference, _receipt(request))
        return self._result(refund) if refund else None

    def _refused(self, request: RefundRequest, response: Response) -> Result:
        """The result of a refund that is refused. Unknown if it can succeed later, such as with more balance.

        The codes of Razorpay do not distinguish the reasons, so the payment decides.
        """
        error = self.api.exchange.read(response, Refused).error
        if refund := self.api.refund_of(request.payment_reference, _receipt(request)):
            return self._result(refund)
        payment = self.api.payment(request.payment_reference)
        is_returned = payment.amount - payment.amount_refunded < request.money.amount
        if is_returned and not request.idempotency_key.startswith("refund:"):
            return Approved(reference=payment.id)  # the purpose was that the buyer has the money
        is_old = self.clock() - payment.created_at > REFUNDABLE_FOR
        self.api.exchange.report(response, "the refund is refused", error.code, error.reason)
        if is_returned or is_old or not payment.captured or error.reason == "input_validation_failed":
            return Declined(code=DeclineCode.PROCESSING_ERROR, description="Razorpay refused the refund")
        return Unknown()

    def _result(self, refund: Refund) -> Result:
        match refund.status:
            case RefundStatus.PROCESSED:
                return Approved(reference=refund.id)
            case RefundStatus.PENDING:
                return Pending(reference=refund.id, check_at=self.clock() + _PAUSE)
        text = "Razorpay could not process the refund"
        return Declined(code=DeclineCode.PROCESSING_ERROR, description=text, reference=refund.id)


def _receipt(request: RefundRequest) -> str:
    """The idempotency key at Razorpay, which permits no colon."""
    return request.idempotency_key.replace(":", "-")
