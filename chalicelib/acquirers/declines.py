"""The texts of declines, which the buyer reads. They contain nothing of the acquirer's own text."""

from collections.abc import Mapping

from chalicelib.acquirers.base import Declined
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.methods.card import Authentication

_DECLINED_BY = {
    PaymentMethod.UPI: "Your bank declined the payment",
    PaymentMethod.CARD: "Your card issuer declined the payment",
}
_DESCRIPTIONS: Mapping[DeclineCode, str] = {
    DeclineCode.AUTHENTICATION_EXPIRED: "The time to confirm the payment with your bank is over",
    DeclineCode.AUTHENTICATION_FAILED: "The authentication with your bank failed",
    DeclineCode.EXPIRED: "The time to approve the payment is over",
    DeclineCode.EXPIRED_CARD: "Your card has expired",
    DeclineCode.INCORRECT_CVC: "The security code of your card is incorrect",
    DeclineCode.INSUFFICIENT_FUNDS: "Your account does not have enough money",
    DeclineCode.INVALID_ACCOUNT: "Your bank cannot find the account",
    DeclineCode.LIMIT_EXCEEDED: "The payment exceeds a limit of your bank",
    DeclineCode.PROCESSING_ERROR: "Your bank could not process the payment",
}


def declined(
    code: DeclineCode,
    method: PaymentMethod,
    *,
    reference: str | None = None,
    authentication: Authentication | None = None,
) -> Declined:
    """The result with the text for ``code``. Without one, the text says only who declined."""
    by_default = _DECLINED_BY.get(method, "The payment was declined")
    description = _DESCRIPTIONS.get(code, by_default)
    return Declined(code=code, description=description, reference=reference, authentication=authentication)
