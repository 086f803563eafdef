"""Hooks for the rules that the API's OpenAPI document cannot express."""

from typing import Any

import schemathesis

from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_new_webhook_url
from chalicelib.services.webhook_endpoints import NOT_DELETABLE, TOO_MANY

SCHEMA_VALID_REQUEST_REJECTED = "ST202"
UNREACHABLE_URL = "http://localhost:9/webhook"  # the discard port, on which nothing listens

BEYOND_A_SCHEMA = {
    "cursor is not valid": "cursors are opaque",
    "to must not be before from": "the other field",
    "after must be the id of one of your events": "the merchant's events",
    "Card validation failed": "Luhn's sum",
    "Card expiry date invalid": "today's date",
    "card.holder_name must not contain a card number": "Luhn's sum",
    "vpa must not contain a card number": "Luhn's sum",
    "card is required": "the merchant's acquirer",
    "card_token is not supported": "the merchant's acquirer",
    "card_token must not contain a card number": "Luhn's sum",
    "flow is only for the method upi": "the other field",
    "vpa is not used by the flow qr": "the other field",
    "vpa is not used by the flow intent": "the other field",
    "return_url is on an origin that is not allowed": "the merchant's origins",
    "time_zone must be an IANA time zone, such as Asia/Kolkata": "the names of time zones",
    "origins must have no path, such as https://shop.example": "the parts of a URL",
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
    "Payment not in voidable state": "the payment's state",
    "Payment not in refundable state": "the payment's state",
    "Refund amount exceeds available amount": "the payment's refunds",
    "The notification is not valid": "the signature of the acquirer",
    "Webhook URL is not configured": "the merchant's configuration",
    "Idempotency key was already used with a different request": "the earlier requests",
    "webhook_url must be a valid URL": "brackets and ports",
    "webhook_url must be an http:// or https:// URL with a host": "the host of a URL",
    "webhook_url must have a name or an IP address as its host": "the characters of a host",
    "webhook_url must not contain a user name or password": "the user information of a URL",
    "webhook_url must not percent-encode letters, digits or -._~": "the decoded character of an escape",
    "webhook_url must not have . or .. as a segment of its path": "the path of a URL",
    "webhook_url must not have a path that begins with //": "the path of a URL",
    "webhook_url must not have an empty query: leave out the ?": "the query of a URL",
    'webhook_url must not have any of \\ ^ ` " < > [ ] { | } after its host: percent-encode them': "the host",
    "description must not contain a card number": "Luhn's sum",
    "url is required": "only the default endpoint has no URL",
    TOO_MANY: "the merchant's endpoints",
    NOT_DELETABLE: "the default endpoint",
}
BEYOND_A_SCHEMA |= {
    text.replace("webhook_url", field, 1): rule
    for text, rule in BEYOND_A_SCHEMA.items()
    for field in ("url", "origins", "return_url")
    if text.startswith("webhook_url")
} | {
    f"{field} must {rule}": "the text of a URL"
    for field in ("origins", "return_url")
    for rule in (
        "be printable ASCII without spaces",
        "be at most 2048 characters",
        "not contain a card number",
    )
}
"""Error descriptions for requests that match the schema, with the rule that a schema cannot express.

The check that valid requests are accepted reports each as a failure.
"""


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Send no webhooks to generated URLs."""
    for field in ("webhook_url", "url"):
        if isinstance(case.body, dict) and _is_accepted_url(case.body.get(field)):
            case.body[field] = UNREACHABLE_URL
            if case.body.get("events", ["*"]) == ["*"] and field == "url":
                case.body["events"] = ["refund.failed"]  # many endpoints would multiply the webhooks


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Whether the failure is a real one."""
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
    """JSON Schema treats 100.0 as an integer; the API rejects integers written as floats."""
    value = body
    for name in (field or "").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, float)
