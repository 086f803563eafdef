"""Webhook signatures: ``X-Webhook-Signature`` and Standard Webhooks (standardwebhooks.com, 1.0)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from random import Random

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix, not a secret
_SECRET_BYTES = 24


def new_signing_secret(random: Random) -> str:
    """A new signing secret: ``whsec_`` and the base64 of 24 random bytes."""
    return SECRET_PREFIX + base64.b64encode(random.randbytes(_SECRET_BYTES)).decode()


def hex_signature(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the exact body, keyed with the secret as text."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def standard_key(secret: str) -> bytes:
    """The key for Standard Webhooks: the secret without its prefix, base64-decoded if it is valid base64."""
    tail = secret.removeprefix(SECRET_PREFIX)
    try:
        return base64.b64decode(tail, validate=True) or tail.encode()
    except ValueError:  # not valid base64, or not ASCII
        return tail.encode()


def standard_signature(secret: str, *, webhook_id: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the base64 HMAC-SHA256 of ``id.timestamp.body``."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(standard_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signature_headers(
    secrets: Sequence[str], *, webhook_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """The signature headers of a webhook. The first of ``secrets`` is the current one."""
    timestamp = int(sent_at.timestamp())
    signatures = [
        standard_signature(secret, webhook_id=webhook_id, timestamp=timestamp, body=body)
        for secret in secrets
    ]
    return {
        "X-Webhook-Signature": hex_signature(secrets[0], body),
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
