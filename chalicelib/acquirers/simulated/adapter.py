"""A simulated acquirer. It moves no money and derives each result from the request and the buyer's answer.

In test mode ``TEST_PAYMENT_SUCCESS`` sets the outcome, unless the name of the VPA or the number of the card
is one of the documented test values, or the merchant planned a decline. VPA names are not case-sensitive.

A notification is a JSON object with the lists ``payment_ids`` and ``refund_ids``. Its header
``X-Simulated-Signature`` is the HMAC-SHA256 of the body in hex, with the credential ``notification_secret``.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.acquirers.base import (
    ActionRequired,
    Approved,
    AuthorizeRequest,
    Capabilities,
    Charge,
    Declined,
    InvalidNotificationError,
    Notification,
    Pending,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.declines import declined
from chalicelib.acquirers.simulated import NOTIFICATION_SECRET
from chalicelib.acquirers.simulated.bank import SimulatedBank
from chalicelib.acquirers.simulated.values import (
    APPROVALS,
    AUTHENTICATIONS,
    BUYER_DECLINED,
    CANCELLED,
    CHALLENGE,
    DECLINES,
    FORCED,
    NOT_REQUIRED,
    PENDING,
    REFUND_PENDING,
    TEST_CARDS,
    UNKNOWN,
    UNREFUNDABLE,
    CardAuthentication,
)
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Authentication, Card
from chalicelib.domain.next_action import ActionType
from chalicelib.domain.payment import CaptureMode
from chalicelib.domain.signature import hex_signature
from chalicelib.domain.simulated_charge import ChargeOutcome, SimulatedCharge
from chalicelib.settings import AcquirerSettings

PENDING_FOR = timedelta(seconds=10)
_REFERENCE_PREFIX = "sim_"
SIGNATURE_HEADER = "x-simulated-signature"

_TOKEN_PREFIX = "tok_"  # noqa: S105 - a name, not a secret


class _NotificationBody(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    payment_ids: tuple[str, ...] = ()
    refund_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class SimulatedAcquirer:
    """Approves a share of the payments: the success rate of the payment method.

    With a ``bank``, UPI links and the challenges of cards wait for the buyer. Production has none. Without
    ``credentials`` and outside test mode, it accepts no notifications.
    """

    settings: AcquirerSettings
    clock: Clock
    bank: SimulatedBank | None = None
    credentials: MerchantCredentials | None = None
    name: str = "simulated"

    @property
    def capabilities(self) -> Capabilities:
        """Every payment method, with UPI requests to a VPA, and with UPI links if there is a bank."""
        return Capabilities(
            methods=frozenset(PaymentMethod),
            flows=frozenset(UpiFlow) if self.bank else frozenset({UpiFlow.COLLECT}),
            manual_capture=True,
            idempotent_authorize=True,
        )

    def tokenize(self, card: Card) -> str:
        """A token that contains only the outcome of a test card, if it is one."""
        return _TOKEN_PREFIX + TEST_CARDS.get(card.number, "card")

    def authorize(self, request: AuthorizeRequest) -> Result:
        """Approve or decline the payment, or wait for the buyer. The same result for the same key."""
        forced = self._forced(request.token)
        if forced == UNKNOWN:
            return Unknown()
        if self.bank and (type_ := self._action_type(request)):
            charge = self.bank.open(
                _reference(request.idempotency_key),
                request,
                type_,
                embeddable=self._authentication(request).embeddable and type_ is ActionType.REDIRECT,
                is_test=self.settings.test_mode,
            )
            return self._result_of(charge, request)
        if forced == PENDING:
            return self._pending(request.idempotency_key)
        return self._planned(request, is_new=True) or self._outcome(request)

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        """The outcome, at the end of PENDING_FOR or after the buyer's answer.

        It is known although ``authorize`` had no response, except that of a charge with an action: None if it
        does not exist.
        """
        if self.bank is None or self._action_type(request) is None:
            return self._still_pending(reference) or self._planned(request) or self._outcome(request)
        is_test = self.settings.test_mode
        charge = self.bank.find(_reference(request.idempotency_key), is_test=is_test)
        if charge is None:
            return None
        is_cancelled = charge.outcome is ChargeOutcome.CANCELLED
        if is_cancelled and self.bank.is_approved_late(charge, is_test=is_test):
            return Approved(reference=charge.id)
        return self._result_of(charge, request)

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:  # noqa: ARG002 - it stores nothing
        """Approve the capture."""
        return Approved(reference=reference)

    def void(self, request: AuthorizeRequest, reference: str) -> Result:
        """Cancel a charge that waits for the buyer, or release reserved money. The outcome otherwise."""
        charge = self.bank.find(reference, is_test=self.settings.test_mode) if self.bank else None
        if self.bank is None or charge is None:
            result = self.status(request, reference) or Unknown()
        else:
            result = self._result_of(self.bank.cancel(charge), request)
        if isinstance(result, Approved) and request.capture_mode is CaptureMode.MANUAL:
            code, description = DeclineCode.PROCESSING_ERROR, "The payment was voided"
            return Declined(code=code, description=description, reference=reference)
        return result

    def refund(self, request: RefundRequest) -> Result:
        """Approve the refund, except in test mode for the VPA names and the cards whose refunds differ."""
        if self._forced(request.token) == REFUND_PENDING:
            return self._pending(request.idempotency_key)
        return self._refund_outcome(request)

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result:
        """The outcome, at the end of PENDING_FOR."""
        return self._still_pending(reference) or self._refund_outcome(request)

    def _action_type(self, request: AuthorizeRequest) -> ActionType | None:
        """What the buyer has to do, None for nothing."""
        if request.flow in {UpiFlow.INTENT, UpiFlow.QR}:
            return ActionType.UPI
        return ActionType.REDIRECT if self._authentication(request).has_challenge else None

    def _authentication(self, request: AuthorizeRequest) -> CardAuthentication:
        if request.method is not PaymentMethod.CARD:
            return NOT_REQUIRED
        if self.settings.test_mode:
            return AUTHENTICATIONS.get(self._forced(request.token) or "", NOT_REQUIRED)
        share = _share_of(f"challenge:{request.idempotency_key}")
        return CHALLENGE if self.bank and share < self.settings.card_challenge_rate else NOT_REQUIRED

    def _result_of(self, charge: SimulatedCharge, request: AuthorizeRequest) -> Result:
        """The result of a charge with an action. The bank decides about a card after the authentication."""
        assert self.bank is not None  # noqa: S101 - it opened the charge
        is_card = charge.type is ActionType.REDIRECT
        match charge.outcome:
            case ChargeOutcome.WAITING:
                return ActionRequired(reference=charge.id, action=self.bank.action(charge))
            case ChargeOutcome.APPROVED:
                return self._outcome(request) if is_card else Approved(reference=charge.id)
            case ChargeOutcome.DECLINED:
                code, description = BUYER_DECLINED[charge.type]
            case ChargeOutcome.CANCELLED:
                code, description = CANCELLED[charge.type]
        failed = Authentication.FAILED if is_card else None
        return Declined(code=code, description=description, reference=charge.id, authentication=failed)

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """The notification, in test mode only. Raises InvalidNotificationError and CredentialsError."""
        if not self.settings.test_mode or self.credentials is None:
            raise InvalidNotificationError
        offered = headers.get(SIGNATURE_HEADER, "").encode(errors="replace")
        signatures = [hex_signature(secret, body) for secret in self.credentials.secrets(NOTIFICATION_SECRET)]
        if not any(hmac.compare_digest(offered, signature.encode()) for signature in signatures):
            raise InvalidNotificationError
        try:
            parsed = _NotificationBody.model_validate_json(body)
        except ValidationError:
            raise InvalidNotificationError from None  # the cause contains the body
        return Notification(payment_ids=parsed.payment_ids, refund_ids=parsed.refund_ids)

    def check_account(self) -> str:
        """No request: there is no account."""
        return "The simulated acquirer moves no money and needs no account."

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:  # noqa: ARG002 - it has no list
        """None: it does not list its charges."""
        return iter(())

    def _outcome(self, request: AuthorizeRequest) -> Approved | Declined:
        code = self._decline_code(request)
        is_card = request.method is PaymentMethod.CARD
        authentication = self._authentication(request).result if is_card else None
        if code is None:
            return Approved(reference=_reference(request.idempotency_key), authentication=authentication)
        return declined(code, request.method, authentication=authentication)

    def _planned(self, request: AuthorizeRequest, *, is_new: bool = False) -> Declined | None:
        """The decline that the merchant planned, in test mode, unless an outcome but success is forced."""
        declines = self.bank.declines if self.bank else None
        if not self.settings.test_mode or declines is None or self.credentials is None:
            return None
        if self._forced(request.token) in FORCED:
            return None
        merchant_id, key = self.credentials.merchant_id, _reference(request.idempotency_key)
        if is_new and request.due_at:
            code = declines.take(merchant_id, key, due_at=request.due_at)
        else:
            code = declines.taken(merchant_id, key)
        return declined(code, request.method) if code else None

    def _decline_code(self, request: AuthorizeRequest) -> DeclineCode | None:
        """The reason to decline the payment, None to approve it."""
        forced = self._forced(request.token)
        if forced in DECLINES:
            return DECLINES[forced]
        if forced in AUTHENTICATIONS:
            return AUTHENTICATIONS[forced].declined
        if forced in APPROVALS:
            return None
        if self.settings.test_mode:
            approves = self.settings.test_payment_success
        else:
            approves = _share_of(request.idempotency_key) < self._success_rate(request.method)
        return None if approves else DeclineCode.CARD_DECLINED

    def _refund_outcome(self, request: RefundRequest) -> Approved | Declined:
        if self._forced(request.token) == UNREFUNDABLE:
            return Declined(
                code=DeclineCode.INVALID_ACCOUNT, description="The buyer's account does not take refunds"
            )
        return Approved(reference=_reference(request.idempotency_key))

    def _forced(self, token: str) -> str | None:
        """The outcome that a test VPA or test card forces, None if no outcome is forced."""
        if not self.settings.test_mode:
            return None
        return token.removeprefix(_TOKEN_PREFIX).partition("@")[0].lower()

    def _pending(self, key: str) -> Pending:
        """The reference contains the end of PENDING_FOR, because this acquirer stores nothing."""
        until = self.clock() + PENDING_FOR
        return Pending(reference=f"{_reference(key)}_{int(until.timestamp())}", check_at=until)

    def _still_pending(self, reference: str | None) -> Pending | None:
        if reference is None:
            return None
        _, _, end = reference.removeprefix(_REFERENCE_PREFIX).partition("_")
        if not end:
            return None
        until = datetime.fromtimestamp(int(end), UTC)
        return Pending(reference=reference, check_at=until) if self.clock() < until else None

    def _success_rate(self, method: PaymentMethod) -> float:
        if method is PaymentMethod.UPI:
            return self.settings.upi_success_rate
        return self.settings.card_success_rate


def _reference(key: str) -> str:
    return f"{_REFERENCE_PREFIX}{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _share_of(key: str) -> float:
    """A number in [0, 1), derived from ``key`` and uniformly distributed."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
