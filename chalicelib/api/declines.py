"""The route with which a merchant plans declines of the simulated acquirer. Not in production."""

from pydantic import Field

from chalicelib.api.call import Call
from chalicelib.api.input import Body
from chalicelib.api.responses.declines import PlannedDeclinesView
from chalicelib.api.route import Route
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.errors import BadRequestError, NotFoundError

MAX_COUNT = 100


class PlanDeclinesBody(Body):
    """The decline of the next payments."""

    code: DeclineCode = DeclineCode.CARD_DECLINED
    count: int = Field(default=1, ge=1, le=MAX_COUNT)

    MAY_BE_EMPTY = True


def plan_declines(call: Call, body: PlanDeclinesBody) -> PlannedDeclinesView:
    """Decline the next payments of the merchant with a code. In test mode, not in production.

    The next ones are those that are created after this request. Payments whose VPA or card forces an outcome
    other than success, and payments that the buyer decides, are not affected. Several requests add up.
    """
    settings = call.gateway.settings
    if settings.is_production:
        raise NotFoundError("Route")
    if not settings.acquirer.test_mode:
        raise BadRequestError(
            "Declines can be planned only in test mode. Start the gateway with TEST_MODE=true"
        )
    planned = call.gateway.bank.plan_declines(call.merchant.id, body.code, body.count)
    return PlannedDeclinesView(planned=planned)


ROUTES = [Route("POST", "/api/v1/test/declines", plan_declines, raises=(NotFoundError,))]
