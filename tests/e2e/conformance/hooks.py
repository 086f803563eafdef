"""What the checker must know beyond the API's description."""

from typing import Any

import schemathesis

from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_new_webhook_url

SCHEMA_VALID_REQUEST_REJECTED = "ST202"
UNREACHABLE_URL = "http://localhost:9/webhook"  # the discard port: nothing listens there

BEYOND_A_SCHEMA = {
    "cursor is not valid": "only what a page before gave is a cursor",
    "Card validation failed": "Luhn's sum",
    "Card expiry date invalid": "today's date",
    "card.holder_name must not contain a card number": "Luhn's sum",
    "vpa must not contain a card number": "Luhn's sum",
    "Idempotency-Key must not contain a card number": "Luhn's sum",
    "receipt must not contain a card number": "Luhn's sum",
    "notes must not contain a card number": "Luhn's sum",
    "reason must not contain a card number": "Luhn's sum",
    "expires_at must be in the future and at most 30 days away": "the present time",
    "key does not belong to the merchant of this order": "the order's merchant",
    **{f"Orders in {code} cannot be paid by upi": "the order's currency" for code in MINOR_UNITS},
    "current_password is wrong": "the merchant's password",
    "new_password must differ from current_password": "the other field",
    "Payment not in capturable state": "the payment's state",
    "Payment already captured": "the payment's state",
    "Capture amount must match payment amount": "the payment's amount",
    "Payment not in refundable state": "the payment's state",
    "Refund amount exceeds available amount": "the payment's refunds",
    "Webhook URL is not configured": "the merchant's configuration",
    "Idempotency key was already used with a different request": "the requests before",
    "webhook_url must be a valid URL": "brackets and ports",
    "webhook_url must be an http:// or https:// URL with a host": "what of a URL is its host",
    "webhook_url must have a name or an IP address as its host": "what a host may be made of",
    "webhook_url must not contain a user name or password": "what of a URL is a user's name",
    "webhook_url must not percent-encode letters, digits or -._~": "what an escape stands for",
    "webhook_url must not have . or .. as a segment of its path": "which part of a URL is its path",
    "webhook_url must not have a path that begins with //": "which part of a URL is its path",
    "webhook_url must not have an empty query: leave out the ?": "which part of a URL is its query",
    'webhook_url must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them': "the host",
}
"""Refusals of requests that fit the description, and what decides that it cannot say.

To the check that valid requests are accepted each is a failure.
"""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """No webhook is sent to a made-up address."""
    if isinstance(case.body, dict) and _is_accepted_url(case.body.get("webhook_url")):
        case.body["webhook_url"] = UNREACHABLE_URL


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether the failure is one."""
    if failure.code != SCHEMA_VALID_REQUEST_REJECTED:
        return True
    error = response.json()["error"]
    return error["description"] not in BEYOND_A_SCHEMA and not _is_float(error.get("field"), case.body)


def _is_accepted_url(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        check_new_webhook_url(value, allow_private=True)
    except BadRequestError:
        return False
    return True


def _is_float(field: str | None, body: Any) -> bool:
    """To JSON Schema 100.0 is an integer; the API takes no integer that was written as a float."""
    value = body
    for name in (field or "").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, float)
