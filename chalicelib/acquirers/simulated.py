"""A simulated acquirer. It moves no money and derives each outcome from the idempotency key.

In test mode ``TEST_PAYMENT_SUCCESS`` sets the outcome, unless the name of the VPA is ``success`` or
``failure``, or the card is one of the documented test cards below. A payment with the VPA name ``norefund``,
or with the unrefundable test card, succeeds and its refunds fail. VPA names are not case-sensitive.
"""

import hashlib
from dataclasses import dataclass

from chalicelib.acquirers.base import Charge, Outcome, RefundRequest
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Card
from chalicelib.settings import AcquirerSettings

APPROVED_TEST_CARD = "4111111111111111"
DECLINED_TEST_CARD = "4000000000000002"
UNREFUNDABLE_TEST_CARD = "4000000000005126"

_APPROVED = "success"
_DECLINED = "failure"
_UNREFUNDABLE = "norefund"
_TOKEN_PREFIX = "tok_"  # noqa: S105 - a name, not a secret
_TEST_CARDS = {
    APPROVED_TEST_CARD: _APPROVED,
    DECLINED_TEST_CARD: _DECLINED,
    UNREFUNDABLE_TEST_CARD: _UNREFUNDABLE,
}
_DECLINE_REASONS = {
    PaymentMethod.UPI: "Your bank declined the payment",
    PaymentMethod.CARD: "Your card issuer declined the payment",
}


@dataclass(frozen=True)
class SimulatedAcquirer:
    """Approves a share of the charges: the success rate of the payment method."""

    settings: AcquirerSettings

    def tokenize(self, card: Card) -> str:
        """A token that contains only the outcome of a test card, if it is one."""
        return _TOKEN_PREFIX + _TEST_CARDS.get(card.number, "card")

    def charge(self, charge: Charge) -> Outcome:
        """Approve or decline the charge. The outcome is the same for the same key."""
        if self._approves(charge):
            return Outcome(approved=True)
        return Outcome(
            approved=False, decline_reason=_DECLINE_REASONS.get(charge.method, "The payment was declined")
        )

    def refund(self, refund: RefundRequest) -> Outcome:
        """Approve the refund, except in test mode for the VPA name and the card whose refunds fail."""
        if self.settings.test_mode and _name_in(refund.token) == _UNREFUNDABLE:
            return Outcome(approved=False, decline_reason="The buyer's account does not take refunds")
        return Outcome(approved=True)

    def _approves(self, charge: Charge) -> bool:
        if not self.settings.test_mode:
            return _share_of(charge.idempotency_key) < self._success_rate(charge.method)
        forced = {_APPROVED: True, _UNREFUNDABLE: True, _DECLINED: False}
        return forced.get(_name_in(charge.token), self.settings.test_payment_success)

    def _success_rate(self, method: PaymentMethod) -> float:
        if method is PaymentMethod.UPI:
            return self.settings.upi_success_rate
        return self.settings.card_success_rate


def _name_in(token: str) -> str:
    """The outcome that a test VPA or test card forces. VPAs are not case-sensitive."""
    return token.removeprefix(_TOKEN_PREFIX).partition("@")[0].lower()


def _share_of(key: str) -> float:
    """A number in [0, 1), derived from ``key`` and uniformly distributed."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
