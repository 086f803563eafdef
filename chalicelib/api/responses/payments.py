"""Response bodies of payments."""

from typing import Any, Self

from pydantic import ConfigDict

from chalicelib.api.fields import OrderId, PaymentId, Timestamp
from chalicelib.api.responses.view import IfAny, View
from chalicelib.domain.decline import DeclineCode, Retry
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Authentication, CardNetwork
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import DisplayStatus, Payment, PaymentStatus, VoidReason


class NewPaymentView(View):
    """A new payment. UPI payments have ``vpa``, card payments ``card_network`` and ``card_last4``.

    They are absent if the gateway does not know them, such as those of a card that the buyer enters on a page
    of the acquirer.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    STATUS = 201
    LOGGED_ID = "payment_id"

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    vpa: IfAny[str] = None
    card_network: IfAny[CardNetwork] = None
    card_last4: IfAny[str] = None
    status: PaymentStatus
    created_at: Timestamp

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """The fields of ``payment``."""
        return cls.model_validate(_fields(payment))


class NextActionView(View):
    """What the buyer has to do until ``expires_at``: open the page ``url``, or the UPI ``link``.

    ``embeddable``: whether the page can be shown in a frame. ``qr_svg_url`` is an image of the link as a QR
    code. ``simulator_url`` is a page that acts as the buyer's phone; production never has one.
    """

    type: ActionType
    url: IfAny[str] = None
    embeddable: IfAny[bool] = None
    link: IfAny[str] = None
    qr_svg_url: IfAny[str] = None
    simulator_url: IfAny[str] = None
    expires_at: Timestamp


class AuthenticationView(View):
    """The result of 3-D Secure."""

    result: Authentication


class PaymentView(NewPaymentView):
    """A payment. The error is present if it failed. ``next_action`` is present while the buyer has to act.

    ``display_status`` combines ``status`` with the capture, the refunds and the void. Lists do not contain
    the decline code, the next action, the acquirer, ``capture_before`` and ``void_reason``.
    ``settled_at`` is null while the payment is pending, ``captured_at`` is null if it is not captured.
    With manual capture, a payment that is not captured before ``capture_before`` is voided.
    """

    STATUS = 200

    display_status: DisplayStatus
    captured: bool
    amount_refunded: int
    error_code: IfAny[str] = None
    error_description: IfAny[str] = None
    decline_code: IfAny[DeclineCode] = None
    retry: IfAny[Retry] = None
    next_action: IfAny[NextActionView] = None
    acquirer: IfAny[str] = None
    acquirer_reference: IfAny[str] = None
    authentication: IfAny[AuthenticationView] = None
    capture_before: IfAny[Timestamp] = None
    voided_at: IfAny[Timestamp] = None
    void_reason: IfAny[VoidReason] = None
    settled_at: Timestamp | None
    captured_at: Timestamp | None
    updated_at: Timestamp


class PublicPaymentView(View):
    """The public fields of a payment, without data of the buyer and the merchant.

    A payment with an outcome has the ``return_url`` of its request, with a signed status.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    LOGGED_ID = "payment_id"

    id: PaymentId
    order_id: OrderId
    amount: int
    currency: str
    method: PaymentMethod
    status: PaymentStatus
    error_code: IfAny[str] = None
    error_description: IfAny[str] = None
    decline_code: IfAny[DeclineCode] = None
    retry: IfAny[Retry] = None
    next_action: IfAny[NextActionView] = None
    return_url: IfAny[str] = None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, payment: Payment, *, return_url: str | None = None) -> Self:
        """The public fields of ``payment``. ``return_url`` is signed."""
        return cls.model_validate(_fields(payment) | {"return_url": return_url})


def _fields(payment: Payment) -> dict[str, Any]:
    fields = vars(payment) | vars(payment.money) | vars(payment.instrument)
    fields |= {"captured": payment.captured, "amount_refunded": payment.amount_refunded}
    fields["display_status"] = payment.display_status
    fields["next_action"] = payment.open_action.fields if payment.open_action else None
    if payment.authentication:
        fields["authentication"] = {"result": payment.authentication}
    if payment.decline:
        fields |= payment.decline.fields
    return fields
