"""A simulated acquirer: no money moves, and its answer is a function of the idempotency key.

In test mode outcomes are certain: as ``TEST_PAYMENT_SUCCESS`` says, unless the VPA's name is
``success`` or ``failure`` or the card is one of the documented test cards below.
"""

import hashlib
from dataclasses import dataclass

from chalicelib.acquirer.protocol import Charge, Outcome
from chalicelib.domain.card import Card
from chalicelib.domain.payment import PaymentMethod
from chalicelib.settings import AcquirerSettings

APPROVED_TEST_CARD = "4111111111111111"
DECLINED_TEST_CARD = "4000000000000002"

_APPROVED = "success"
_DECLINED = "failure"
_TOKEN_PREFIX = "tok_"  # noqa: S105 - a name, not a secret
_DECLINE_REASONS = {
    PaymentMethod.UPI: "The buyer's bank declined the payment",
    PaymentMethod.CARD: "The card's issuer declined the payment",
}


@dataclass(frozen=True)
class SimulatedAcquirer:
    """Approves a share of the charges."""

    settings: AcquirerSettings

    def tokenize(self, card: Card) -> str:
        """A token that says at most which test card it stands for."""
        forced = {APPROVED_TEST_CARD: _APPROVED, DECLINED_TEST_CARD: _DECLINED}.get(card.number)
        return _TOKEN_PREFIX + (forced or "card")

    def charge(self, charge: Charge) -> Outcome:
        """Approve or decline; asked again with the same key, the same."""
        if self._approves(charge):
            return Outcome(approved=True)
        return Outcome(approved=False, decline_reason=_DECLINE_REASONS[charge.method])

    def _approves(self, charge: Charge) -> bool:
        if not self.settings.test_mode:
            return _share_of(charge.idempotency_key) < self._success_rate(charge.method)
        forced = _forced_by(charge.token)
        return self.settings.test_payment_success if forced is None else forced

    def _success_rate(self, method: PaymentMethod) -> float:
        if method is PaymentMethod.UPI:
            return self.settings.upi_success_rate
        return self.settings.card_success_rate


def _forced_by(token: str) -> bool | None:
    """The outcome that a test VPA or test card asks for."""
    name = token.removeprefix(_TOKEN_PREFIX).partition("@")[0]
    return {_APPROVED: True, _DECLINED: False}.get(name)


def _share_of(key: str) -> float:
    """A number in [0, 1) that follows from ``key`` and is spread evenly over keys."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
