"""Verification of webhooks: checks both signatures as a merchant does, without code of the gateway."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from standardwebhooks import Webhook, WebhookVerificationError

PREFIX = "whsec_"


class UnverifiedWebhookError(Exception):
    """The delivery is not verified. The message describes the reason."""


class SignatureMismatchError(UnverifiedWebhookError):
    """The signature was made with a different secret or for a different body."""


def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Raise `UnverifiedWebhookError` unless both signatures match `body` and `secret`."""
    lowered = {name.lower(): value for name, value in headers.items()}
    _verify_hex_signature(secret, body, lowered)
    _verify_standard_webhook(secret, body, lowered)


def standard_webhooks_key(secret: str) -> bytes:
    """The key of the Standard Webhooks signature: the part after the prefix, Base64-decoded if possible."""
    tail = secret.removeprefix(PREFIX)
    try:
        return base64.b64decode(tail, validate=True)
    except binascii.Error:
        return tail.encode()


def _verify_hex_signature(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    signature = headers.get("x-webhook-signature", "")
    if not signature:
        raise UnverifiedWebhookError("X-Webhook-Signature is missing")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise SignatureMismatchError("X-Webhook-Signature is not that of this body and secret")


def _verify_standard_webhook(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    webhook = Webhook(standard_webhooks_key(secret))
    try:
        webhook.verify(body, dict(headers), json_parse=False)
    except WebhookVerificationError as error:
        raise UnverifiedWebhookError(f"Standard Webhooks headers: {error}") from error
    except ValueError as error:  # raised by the library for invalid Base64 or UTF-8
        raise UnverifiedWebhookError("Standard Webhooks headers: malformed") from error
