"""A simulated acquirer. It moves no money and derives each result from the request.

In test mode ``TEST_PAYMENT_SUCCESS`` sets the outcome, unless the name of the VPA or the number of the card
is one of the documented test values. VPA names are not case-sensitive.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.acquirers.base import (
    Approved,
    AuthorizeRequest,
    Capabilities,
    Declined,
    Pending,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Card
from chalicelib.settings import AcquirerSettings

PENDING_FOR = timedelta(seconds=10)

APPROVED_TEST_CARD = "4111111111111111"
DECLINED_TEST_CARD = "4000000000000002"
UNREFUNDABLE_TEST_CARD = "4000000000005126"

_APPROVED, _DECLINED = "success", "failure"
_UNREFUNDABLE, _REFUND_PENDING = "norefund", "refundpending"
_PENDING, _UNKNOWN = "pending", "timeout"
_DECLINES = {
    "insufficientfunds": DeclineCode.INSUFFICIENT_FUNDS,
    "limitexceeded": DeclineCode.LIMIT_EXCEEDED,
    "processingerror": DeclineCode.PROCESSING_ERROR,
    "invalidaccount": DeclineCode.INVALID_ACCOUNT,
    "incorrectcvc": DeclineCode.INCORRECT_CVC,
    "expiredcard": DeclineCode.EXPIRED_CARD,
    "fraudsuspected": DeclineCode.FRAUD_SUSPECTED,
    _DECLINED: DeclineCode.CARD_DECLINED,
}
_TOKEN_PREFIX = "tok_"  # noqa: S105 - a name, not a secret
_TEST_CARDS = {
    APPROVED_TEST_CARD: _APPROVED,
    DECLINED_TEST_CARD: _DECLINED,
    UNREFUNDABLE_TEST_CARD: _UNREFUNDABLE,
    "4000000000007726": _REFUND_PENDING,
    "4000000000009995": "insufficientfunds",
    "4000000000006975": "limitexceeded",
    "4000000000000119": "processingerror",
    "4000000000000127": "incorrectcvc",
    "4000000000000069": "expiredcard",
    "4100000000000019": "fraudsuspected",
}
_DECLINED_BY = {
    PaymentMethod.UPI: "Your bank declined the payment",
    PaymentMethod.CARD: "Your card issuer declined the payment",
}
_DESCRIPTIONS: Mapping[DeclineCode, str] = {
    DeclineCode.EXPIRED_CARD: "Your card has expired",
    DeclineCode.INCORRECT_CVC: "The security code of your card is incorrect",
    DeclineCode.INSUFFICIENT_FUNDS: "Your account does not have enough money",
    DeclineCode.INVALID_ACCOUNT: "Your bank cannot find the account",
    DeclineCode.LIMIT_EXCEEDED: "The payment exceeds a limit of your bank",
    DeclineCode.PROCESSING_ERROR: "Your bank could not process the payment",
}


@dataclass(frozen=True)
class SimulatedAcquirer:
    """Approves a share of the payments: the success rate of the payment method."""

    settings: AcquirerSettings
    clock: Clock
    name: str = "simulated"

    @property
    def capabilities(self) -> Capabilities:
        """Every payment method, with UPI requests to a VPA."""
        return Capabilities(
            methods=frozenset(PaymentMethod),
            flows=frozenset({UpiFlow.COLLECT}),
            manual_capture=True,
            idempotent_authorize=True,
        )

    def tokenize(self, card: Card) -> str:
        """A token that contains only the outcome of a test card, if it is one."""
        return _TOKEN_PREFIX + _TEST_CARDS.get(card.number, "card")

    def authorize(self, request: AuthorizeRequest) -> Result:
        """Approve or decline the payment. The outcome is the same for the same key."""
        forced = self._forced(request.token)
        if forced == _UNKNOWN:
            return Unknown()
        return self._pending(request.idempotency_key) if forced == _PENDING else self._outcome(request)

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result:
        """The outcome, at the end of PENDING_FOR. It is known although ``authorize`` had no response."""
        return self._still_pending(reference) or self._outcome(request)

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:  # noqa: ARG002 - it stores nothing
        """Approve the capture."""
        return Approved(reference=reference)

    def void(self, request: AuthorizeRequest, reference: str) -> Result:  # noqa: ARG002 - it stores nothing
        """Cancel the charge. No charge waits for an action of the buyer, so the money was reserved."""
        return Declined(
            code=DeclineCode.PROCESSING_ERROR, description="The payment was voided", reference=reference
        )

    def refund(self, request: RefundRequest) -> Result:
        """Approve the refund, except in test mode for the VPA names and the cards whose refunds differ."""
        if self._forced(request.token) == _REFUND_PENDING:
            return self._pending(request.idempotency_key)
        return self._refund_outcome(request)

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result:
        """The outcome, at the end of PENDING_FOR."""
        return self._still_pending(reference) or self._refund_outcome(request)

    def _outcome(self, request: AuthorizeRequest) -> Approved | Declined:
        code = self._decline_code(request)
        if code is None:
            return Approved(reference=_reference(request.idempotency_key))
        by_default = _DECLINED_BY.get(request.method, "The payment was declined")
        return Declined(code=code, description=_DESCRIPTIONS.get(code, by_default))

    def _decline_code(self, request: AuthorizeRequest) -> DeclineCode | None:
        """The reason to decline the payment, None to approve it."""
        forced = self._forced(request.token)
        if forced in _DECLINES:
            return _DECLINES[forced]
        if forced in {_APPROVED, _UNREFUNDABLE, _REFUND_PENDING, _PENDING, _UNKNOWN}:
            return None
        if self.settings.test_mode:
            approves = self.settings.test_payment_success
        else:
            approves = _share_of(request.idempotency_key) < self._success_rate(request.method)
        return None if approves else DeclineCode.CARD_DECLINED

    def _refund_outcome(self, request: RefundRequest) -> Approved | Declined:
        if self._forced(request.token) == _UNREFUNDABLE:
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
        until = datetime.fromtimestamp(int(reference.rpartition("_")[2]), UTC)
        return Pending(reference=reference, check_at=until) if self.clock() < until else None

    def _success_rate(self, method: PaymentMethod) -> float:
        if method is PaymentMethod.UPI:
            return self.settings.upi_success_rate
        return self.settings.card_success_rate


def _reference(key: str) -> str:
    return f"sim_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _share_of(key: str) -> float:
    """A number in [0, 1), derived from ``key`` and uniformly distributed."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
