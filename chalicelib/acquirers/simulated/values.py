"""The test values of the simulated acquirer: names of VPAs and numbers of cards, and what they force."""

from dataclasses import dataclass, replace

from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.methods.card import Authentication
from chalicelib.domain.next_action import ActionType

APPROVED_TEST_CARD = "4111111111111111"
DECLINED_TEST_CARD = "4000000000000002"
UNREFUNDABLE_TEST_CARD = "4000000000005126"

APPROVED, DECLINED = "success", "failure"
UNREFUNDABLE, REFUND_PENDING = "norefund", "refundpending"
PENDING, UNKNOWN = "pending", "timeout"
DECLINES = {
    "insufficientfunds": DeclineCode.INSUFFICIENT_FUNDS,
    "limitexceeded": DeclineCode.LIMIT_EXCEEDED,
    "processingerror": DeclineCode.PROCESSING_ERROR,
    "invalidaccount": DeclineCode.INVALID_ACCOUNT,
    "incorrectcvc": DeclineCode.INCORRECT_CVC,
    "expiredcard": DeclineCode.EXPIRED_CARD,
    "fraudsuspected": DeclineCode.FRAUD_SUSPECTED,
    DECLINED: DeclineCode.CARD_DECLINED,
}


@dataclass(frozen=True, kw_only=True)
class CardAuthentication:
    """The 3-D Secure of a card. ``declined`` is the decline that follows a successful authentication."""

    result: Authentication
    has_challenge: bool = False
    embeddable: bool = True
    declined: DeclineCode | None = None


NOT_REQUIRED = CardAuthentication(result=Authentication.NOT_REQUIRED)
CHALLENGE = CardAuthentication(result=Authentication.AUTHENTICATED, has_challenge=True)
AUTHENTICATIONS = {  # the colon cannot occur in a VPA
    "3ds:challenge": CHALLENGE,
    "3ds:declined": replace(CHALLENGE, declined=DeclineCode.CARD_DECLINED),
    "3ds:insufficientfunds": replace(CHALLENGE, declined=DeclineCode.INSUFFICIENT_FUNDS),
    "3ds:page": replace(CHALLENGE, embeddable=False),
    "3ds:frictionless": CardAuthentication(result=Authentication.AUTHENTICATED),
    "3ds:attempted": CardAuthentication(result=Authentication.ATTEMPTED),
}
TEST_CARDS = {
    APPROVED_TEST_CARD: APPROVED,
    DECLINED_TEST_CARD: DECLINED,
    UNREFUNDABLE_TEST_CARD: UNREFUNDABLE,
    "4000000000007726": REFUND_PENDING,
    "4000000000009995": "insufficientfunds",
    "4000000000006975": "limitexceeded",
    "4000000000000119": "processingerror",
    "4000000000000127": "incorrectcvc",
    "4000000000000069": "expiredcard",
    "4100000000000019": "fraudsuspected",
    "4000002760003184": "3ds:challenge",
    "4000008400001629": "3ds:declined",
    "4000008260003178": "3ds:insufficientfunds",
    "4000000000003220": "3ds:page",
    "4000000000003055": "3ds:frictionless",
    "4000000000003097": "3ds:attempted",
}
APPROVALS = frozenset({APPROVED, UNREFUNDABLE, REFUND_PENDING, PENDING, UNKNOWN})
FORCED = frozenset({*APPROVALS, *DECLINES, *AUTHENTICATIONS}) - {APPROVED}  # which a planned decline replaces
BUYER_DECLINED = {
    ActionType.REDIRECT: (DeclineCode.AUTHENTICATION_FAILED, "The authentication with your bank failed"),
    ActionType.UPI: (DeclineCode.CARD_DECLINED, "The payment was declined in the UPI app"),
}
CANCELLED = {
    ActionType.REDIRECT: (DeclineCode.AUTHENTICATION_EXPIRED, "The authentication was cancelled"),
    ActionType.UPI: (DeclineCode.EXPIRED, "The UPI request was cancelled"),
}
