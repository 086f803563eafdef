"""The values of Razorpay's API: the bodies of its responses, and the reasons of its declines.

Sources, of 2026: razorpay.com/docs/api, and the error codes of its S2S UPI integration.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chalicelib.domain.decline import DeclineCode

MAX_LINK_CHARS = 1_000  # a QR code with more is hard to read
LINK_LIFE = timedelta(minutes=10)  # then Razorpay marks a payment without a response as failed
UNDECIDED_FOR = timedelta(minutes=12)  # LINK_LIFE, and time for the result of an approval at its end
REFUNDABLE_FOR = timedelta(days=180)  # banks do not accept refunds of payments older than six months

CAPTURE = {
    "capture": "automatic",
    "capture_options": {
        "automatic_expiry_period": UNDECIDED_FOR // timedelta(minutes=1),  # the minimum of Razorpay
        "manual_expiry_period": 7_200,  # the maximum: five days, so that a late approval is not lost
        "refund_speed": "normal",
    },
}
"""How Razorpay captures the payment of an order. Takes precedence over the settings of the account."""

ItemT = TypeVar("ItemT", bound=BaseModel)
Notes = dict[str, Any] | list[Any] | None  # PHP's empty array is []
Id = Annotated[str, Field(pattern=r"^[a-z]{3,5}_[A-Za-z0-9]{1,40}$")]  # part of a path


class PaymentStatus(StrEnum):
    """The status of a payment at Razorpay. The order is that of the progress."""

    FAILED = "failed"
    CREATED = "created"
    AUTHORIZED = "authorized"
    REFUNDED = "refunded"
    CAPTURED = "captured"


class RefundStatus(StrEnum):
    """The status of a refund at Razorpay."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class _Body(BaseModel):
    """A body, or a part of one. Fields that the gateway does not use are ignored."""

    model_config = ConfigDict(hide_input_in_errors=True)


class Order(_Body):
    """An order, which payments belong to."""

    id: Id
    receipt: str | None = None


class Intent(_Body):
    """A new payment, and the link that opens it in a UPI app."""

    razorpay_payment_id: Id
    link: str = Field(pattern=r"^upi://pay\?[ -~]+$", max_length=MAX_LINK_CHARS)


class Payment(_Body):
    """A payment. Amounts are in paise. ``captured`` is also true after a refund."""

    id: Id
    amount: int
    currency: str
    status: PaymentStatus
    captured: bool = False
    amount_refunded: int = 0
    error_code: str | None = None
    error_reason: str | None = None
    notes: Notes = None
    created_at: AwareDatetime

    @property
    def payment_id(self) -> str | None:
        """The id of this gateway's payment."""
        return noted(self.notes, "payment_id")


class Refund(_Body):
    """A refund."""

    id: Id
    status: RefundStatus
    receipt: str | None = None


class Items(_Body, Generic[ItemT]):
    """A list, or a page of one."""

    items: list[ItemT]


class Error(_Body):
    """Why a request is refused."""

    code: str
    reason: str | None = None


class Refused(_Body):
    """The response to a request that is refused."""

    error: Error


class _Noted(_Body):
    notes: Notes = None


class _Contained(_Body):
    entity: _Noted = _Noted()


class Event(_Body):
    """A notification. Its payload contains the objects that it is about, by their type."""

    payload: dict[str, _Contained] = {}

    def ids(self, name: str) -> tuple[str, ...]:
        """The different values of the note ``name``."""
        found = [noted(one.entity.notes, name) for one in self.payload.values()]
        return tuple(dict.fromkeys(one for one in found if one))


def noted(notes: Notes, name: str) -> str | None:
    """The note ``name``, None if there is none."""
    value = notes.get(name) if isinstance(notes, dict) else None
    return value if isinstance(value, str) else None


_REASONS = {
    DeclineCode.AUTHENTICATION_FAILED: "authentication_failed incorrect_atm_pin incorrect_otp incorrect_pin "
    "pin_attempts_exceeded pin_not_set",
    DeclineCode.CARD_DECLINED: "authorisation_declined_by_psp debit_declined payment_cancelled "
    "payment_declined payment_failed transaction_on_vpa_restricted",
    DeclineCode.EXPIRED: "payment_collect_request_expired payment_session_expired payment_timed_out",
    DeclineCode.FRAUD_SUSPECTED: "compliance_violation payment_risk_check_failed",
    DeclineCode.INSUFFICIENT_FUNDS: "funds_blocked_by_mandate insufficient_funds",
    DeclineCode.INVALID_ACCOUNT: "account_does_not_exist bank_account_invalid bank_account_validation_failed "
    "credit_limit_expired credit_limit_inactive credit_limit_not_approved debit_instrument_blocked "
    "debit_instrument_inactive invalid_vpa psp_not_registered user_not_eligible vpa_resolution_failed",
    DeclineCode.LIMIT_EXCEEDED: "credit_limit_exceeded mcc_amount_limit_exceeded "
    "transaction_daily_count_exceeded transaction_daily_limit_exceeded transaction_frequency_limit_exceeded "
    "transaction_limit_exceeded",
    DeclineCode.PROCESSING_ERROR: "bank_cutoff_in_progress bank_not_available bank_technical_error "
    "beneficiary_account_does_not_exist beneficiary_account_dormant credit_failed deemed_transaction "
    "gateway_technical_error invalid_response_from_gateway issuer_technical_error "
    "payment_declined_due_to_high_traffic payment_pending psp_app_not_available psp_not_available "
    "request_timed_out server_error upi_app_technical_error",
}
DECLINES = {reason: code for code, reasons in _REASONS.items() for reason in reasons.split()}
"""The decline code for a reason of Razorpay."""
