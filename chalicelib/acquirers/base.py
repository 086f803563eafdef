"""The interface to an acquirer.

Every request that moves money has an idempotency key, derived from the payment or refund. The acquirer
returns the same result for the same key and moves the money only once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Authentication, Card, CardEntry
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import NextAction
from chalicelib.domain.payment import CAPTURE_PERIOD, CaptureMode

ATTENTION = "acquirer needs attention"
"""The message of a log entry that raises an alarm: only the operator can repair the cause."""


class AcquirerUnavailableError(Exception):
    """The acquirer did not respond, so there is no token."""


class CardNumbersRefusedError(Exception):
    """The merchant's account at the acquirer does not accept card numbers from this gateway."""


class InvalidNotificationError(Exception):
    """The notification has no valid signature, or cannot be read. The error contains nothing of it."""


class AccountError(Exception):
    """The acquirer does not serve the merchant's account. The text is one sentence for the operator."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What an acquirer supports.

    ``idempotent_authorize``: whether the acquirer charges once for the same idempotency key.
    ``card_entries``: how a buyer's card can reach the acquirer.
    ``lists_charges``: whether ``list_charges`` is supported.
    ``capture_period``: how long the acquirer reserves money that is not captured.
    """

    methods: frozenset[PaymentMethod]
    flows: frozenset[UpiFlow]
    manual_capture: bool
    idempotent_authorize: bool
    capture_period: timedelta = CAPTURE_PERIOD
    card_entries: frozenset[CardEntry] = frozenset({CardEntry.NUMBER})
    lists_charges: bool = False


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """A request to charge ``money`` to the payment method that ``token`` identifies.

    The key is ``charge:`` and the id of the payment, which the acquirer returns in its notifications.
    With ``capture_mode`` manual, the acquirer reserves the money until it is captured or voided.
    ``return_url`` is the page of this gateway to which the page of the bank or acquirer sends the buyer.
    ``due_at`` is when the charge was due: no request for it was sent before.
    """

    idempotency_key: str
    method: PaymentMethod
    token: str
    money: Money
    flow: UpiFlow | None = None
    capture_mode: CaptureMode = CaptureMode.AUTOMATIC
    return_url: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """A request to refund ``money`` of the payment with the acquirer's reference ``payment_reference``.

    The reference is None for payments of a version that did not store it. ``token`` identifies the payment
    method. The key is ``refund:`` and the id of the refund, or ``late:`` and the id of the payment.
    """

    idempotency_key: str
    payment_reference: str | None
    token: str
    money: Money


@dataclass(frozen=True, kw_only=True)
class Approved:
    """The acquirer moved the money. ``reference`` is its identifier of the payment or refund."""

    reference: str
    authentication: Authentication | None = None


@dataclass(frozen=True, kw_only=True)
class Declined:
    """The acquirer did not move the money, and will not. ``description`` is shown to the buyer."""

    code: DeclineCode
    description: str
    reference: str | None = None
    authentication: Authentication | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The acquirer has no outcome yet. The gateway asks for it at ``check_at``."""

    reference: str
    check_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActionRequired:
    """The acquirer waits for an action of the buyer, such as an authentication with the bank."""

    reference: str
    action: NextAction


@dataclass(frozen=True)
class Unknown:
    """No response was received: the acquirer may have moved the money or not."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """A message of the acquirer with a valid signature: the payments and refunds whose status may be new.

    The ids are those of this gateway, and contained in the idempotency keys of the requests.
    """

    payment_ids: tuple[str, ...] = ()
    refund_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A charge in the list of an acquirer. ``payment_id`` is None if this gateway did not request it.

    ``is_approved``: whether the money was taken or is reserved, also if it was refunded later.
    """

    reference: str
    payment_id: str | None
    money: Money
    is_approved: bool
    created_at: datetime


Result = Approved | Declined | Pending | ActionRequired | Unknown


class Acquirer(Protocol):
    """The requests that the gateway sends to an acquirer. Without a response, the result is Unknown.

    ``status`` and ``refund_status`` take the request again, and the reference if one was returned. They
    return None if the acquirer received no such request.
    """

    @property
    def name(self) -> str:
        """The name that payments store."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What the acquirer supports."""
        ...

    def tokenize(self, card: Card) -> str:
        """A token with which the card can be charged. The card number is not stored.

        Raises AcquirerUnavailableError, CardNumbersRefusedError and CredentialsError.
        """
        ...

    def authorize(self, request: AuthorizeRequest) -> Result:
        """Charge the buyer."""
        ...

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        """The current result of a charge."""
        ...

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:
        """Take the reserved money. Approved if it is captured, also before; Declined if it cannot be."""
        ...

    def void(self, request: AuthorizeRequest, reference: str) -> Result:
        """Cancel a charge that waits for the buyer, or release reserved money.

        Returns the result of the charge: Declined if it is cancelled, Approved if the money was captured.
        """
        ...

    def refund(self, request: RefundRequest) -> Result:
        """Refund the buyer."""
        ...

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        """The current result of a refund."""
        ...

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """The notification in a request of the acquirer. The names of ``headers`` are in lower case.

        Anyone can send a request, so the signature is verified first. Raises InvalidNotificationError, and
        CredentialsError if the merchant has no secret.
        """
        ...

    def check_account(self) -> str:
        """One sentence about the merchant's account, which the acquirer confirms. 1 request.

        Raises AccountError and CredentialsError.
        """
        ...

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        """The charges created from ``since`` to before ``until``, if that is supported. 1 request per page.

        Raises AccountError and CredentialsError.
        """
        ...
