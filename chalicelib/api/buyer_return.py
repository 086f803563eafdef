"""The page to which a bank or an acquirer sends the buyer, and the page of the shop after it."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from chalicelib.api.call import Call
from chalicelib.api.input import Query
from chalicelib.api.responses.page import PageView
from chalicelib.api.return_pages import return_page, unknown_return_page
from chalicelib.api.route import Route
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.return_url import signed_return_url

_RELOADS = re.compile("[0-9]{1,4}")


def _reloads(text: str) -> int:
    return int(text) if _RELOADS.fullmatch(text) else 0


class ReturnQuery(Query):
    """How often the page has reloaded itself. Not an error if it is something else."""

    reloads: Annotated[int, BeforeValidator(_reloads)] = 0


def get_return_page(call: Call, query: ReturnQuery) -> PageView:
    """Show the buyer the state of a payment, and lead to the shop.

    Parameters that an acquirer adds to the address are ignored: only its API has the result.
    """
    try:
        payment = call.gateway.returns.arrive(call.path["payment_id"])
    except NotFoundError:
        return unknown_return_page()
    is_test = not call.gateway.settings.is_production
    return return_page(payment, shop_url=shop_url(call, payment), reloads=query.reloads, is_test=is_test)


def shop_url(call: Call, payment: Payment) -> str | None:
    """The page of the shop to which the buyer returns, signed. None while there is no outcome."""
    if not payment.return_url or payment.status is PaymentStatus.PENDING:
        return None
    merchant = call.gateway.merchants.find_active(payment.merchant_id)
    if merchant is None:
        return None
    now = call.gateway.real_clock()
    return signed_return_url(payment.return_url, payment, merchant.webhook.secret, now=now)


ROUTES = [Route("GET", "/api/v1/payments/{payment_id}/return", get_return_page, public=True)]
