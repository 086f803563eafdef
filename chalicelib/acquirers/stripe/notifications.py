"""Stripe's notifications, with the header ``Stripe-Signature: t=<seconds>,v1=<hex>``."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import ValidationError

from chalicelib.acquirers.base import InvalidNotificationError, Notification
from chalicelib.acquirers.stripe.objects import Event

SIGNATURE_HEADER = "stripe-signature"
TOLERANCE_S = 300  # as in Stripe's clients; a later request can be a replay
_SCHEME = "v1"
_MAX_HEADER_CHARS = 4096  # a few signatures of 64 characters


def parse(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: datetime) -> Notification:
    """The ids in a signed event; none if the event is about something else.

    Raises InvalidNotificationError.
    """
    if not _is_signed(headers.get(SIGNATURE_HEADER, ""), body, secrets, now):
        raise InvalidNotificationError
    try:
        event = Event.model_validate_json(body)
    except ValidationError:
        raise InvalidNotificationError from None  # the cause contains the body
    return Notification(
        payment_ids=event.id_of("payment_id", "payment_intent", "checkout.session", "charge"),
        refund_ids=event.id_of("refund_id", "refund"),
    )


def _is_signed(header: str, body: bytes, secrets: Iterable[str], now: datetime) -> bool:
    """Whether a signature in ``header`` is that of one of ``secrets``, and its time within the tolerance.

    A header can contain several signatures, while Stripe replaces a secret.
    """
    pairs = [part.strip().partition("=") for part in header[:_MAX_HEADER_CHARS].split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdecimal()):
        return False
    offered = [value.encode(errors="replace") for name, _, value in pairs if name == _SCHEME]
    signed = times[0].encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in offered for other in expected]
    return any(matches) and abs(now.timestamp() - int(times[0])) <= TOLERANCE_S
