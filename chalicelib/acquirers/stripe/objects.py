"""The objects of Stripe's API, as far as this gateway reads them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chalicelib.acquirers.stripe.values import AUTHENTICATIONS, DECLINES
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.methods.card import Authentication

ItemT = TypeVar("ItemT", bound="StripeObject")


class IntentStatus(StrEnum):
    """The status of a PaymentIntent that was confirmed when it was created."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class SessionStatus(StrEnum):
    """The status of a Checkout Session."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """The status of a refund."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)


class StripeObject(_Model):
    """An object with an id."""

    id: str = Field(min_length=1)


class Problem(_Model):
    """An error. The texts of Stripe are not read."""

    type: str | None = None
    code: str | None = None
    decline_code: str | None = None
    param: str | None = None

    @property
    def is_decline(self) -> bool:
        """Whether the card was declined. Nothing was charged."""
        return self.type == "card_error" or self.code == "card_declined"

    @property
    def decline(self) -> DeclineCode:
        """The reason of a declined card."""
        by_error = DECLINES.get(self.code or "", DeclineCode.CARD_DECLINED)
        return DECLINES.get(self.decline_code or "", by_error)


class Failure(_Model):
    """The body of a response without 200."""

    error: Problem


class _ThreeDSecure(_Model):
    result: str | None = None


class _CardDetails(_Model):
    three_d_secure: _ThreeDSecure | None = None


class _MethodDetails(_Model):
    card: _CardDetails | None = None


class Charge(_Model):
    """The latest attempt of a PaymentIntent."""

    payment_method_details: _MethodDetails | None = None


class _RedirectToUrl(_Model):
    url: str = Field(pattern=r"^https?://")


class _NextAction(_Model):
    redirect_to_url: _RedirectToUrl | None = None


def _if_expanded(value: Any) -> Any:
    """The object; None for an id in its place."""
    return value if isinstance(value, Mapping) else None


class Intent(StripeObject):
    """A PaymentIntent. ``latest_charge`` is None unless it is expanded."""

    status: IntentStatus
    amount: int
    currency: str
    created: datetime
    metadata: dict[str, str] = Field(default_factory=dict)
    next_action: _NextAction | None = None
    last_payment_error: Problem | None = None
    latest_charge: Annotated[Charge | None, BeforeValidator(_if_expanded)] = None

    @property
    def is_approved(self) -> bool:
        """Whether the money was taken or is reserved."""
        return self.status in {IntentStatus.SUCCEEDED, IntentStatus.REQUIRES_CAPTURE}

    @property
    def page(self) -> str | None:
        """The page on which the buyer authenticates."""
        redirect = self.next_action.redirect_to_url if self.next_action else None
        return redirect.url if redirect else None

    @property
    def authentication(self) -> Authentication | None:
        """The result of 3-D Secure. None if it is not known."""
        details = self.latest_charge.payment_method_details if self.latest_charge else None
        if details is None or details.card is None:
            return None
        secure = details.card.three_d_secure
        return AUTHENTICATIONS.get((secure and secure.result) or "", Authentication.NOT_REQUIRED)


class CheckoutSession(StripeObject):
    """A Checkout Session. ``payment_intent`` is None unless it is expanded."""

    status: SessionStatus
    created: datetime
    url: str | None = Field(default=None, pattern=r"^https?://")
    payment_intent: Annotated[Intent | None, BeforeValidator(_if_expanded)] = None


class RefundObject(StripeObject):
    """A refund."""

    status: RefundStatus
    created: datetime
    metadata: dict[str, str] = Field(default_factory=dict)


class Balance(_Model):
    """The balance of the account."""

    livemode: bool


class Page(_Model, Generic[ItemT]):
    """A page of a list."""

    data: tuple[ItemT, ...]
    has_more: bool = False


class _EventObject(_Model):
    object: str = ""
    metadata: dict[str, str] | None = None


class _EventData(_Model):
    object: _EventObject = _EventObject()


class Event(_Model):
    """A notification. Only the ids of this gateway in its object are read."""

    data: _EventData = _EventData()

    def id_of(self, name: str, *objects: str) -> tuple[str, ...]:
        """The id ``name`` in the metadata, if the object is one of ``objects``."""
        subject = self.data.object
        found = (subject.metadata or {}).get(name) if subject.object in objects else None
        return (found,) if found else ()
