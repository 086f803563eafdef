#!/usr/bin/env python3
"""Verify the gateway's webhooks: Python 3.9 or later, standard library only.

Copy ``verify_standard_webhook`` and what it uses. To try it,

    WEBHOOK_SECRET=whsec_... python3 verify.py 4001

takes webhooks at http://127.0.0.1:4001/webhook, and answers 204, or 400 with the reason. At
/webhook/hex it checks ``X-Webhook-Signature`` instead.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 5 * 60


class UnverifiedWebhookError(Exception):
    """The request is not to be trusted; the message says why."""


def verify_standard_webhook(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Raise UnverifiedWebhookError unless ``body`` was signed with ``secret``, and lately.

    ``body`` is what came, byte for byte; the names of ``headers`` may be in any case.
    """
    webhook_id = _required(headers, "webhook-id")
    timestamp = _required(headers, "webhook-timestamp")
    signatures = _required(headers, "webhook-signature")
    if not re.fullmatch("[0-9]{1,15}", timestamp):
        raise UnverifiedWebhookError("webhook-timestamp is not a number")
    if abs(time.time() - int(timestamp)) > TOLERANCE_S:
        raise UnverifiedWebhookError("webhook-timestamp is more than 5 minutes off")
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(standard_key(secret), signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(expected, one.encode()) for one in signatures.split(" ")):
        raise UnverifiedWebhookError("webhook-signature is not that of this body and secret")


def verify_hex_signature(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Verify ``X-Webhook-Signature``, which does not expire and is valid for one secret only."""
    signature = _required(headers, "x-webhook-signature")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise UnverifiedWebhookError("x-webhook-signature is not that of this body and secret")


def standard_key(secret: str) -> bytes:
    """The decoded part after ``whsec_``, or its text if it is not valid base64."""
    tail = secret[len("whsec_") :] if secret.startswith("whsec_") else secret
    try:
        return base64.b64decode(tail, validate=True)
    except ValueError:
        return tail.encode()


def _required(headers: Mapping[str, str], name: str) -> str:
    for given, value in headers.items():
        if given.lower() == name and value:
            return value
    raise UnverifiedWebhookError(f"{name} is missing")


# From here on: a server to try it with.

SECRET = os.environ.get("WEBHOOK_SECRET", "")
VERIFIERS = {"/webhook": verify_standard_webhook, "/webhook/hex": verify_hex_signature}
MAX_BODY_BYTES = 64 * 1024  # a webhook is far smaller


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to a verified webhook and 400 to any other."""

    timeout = 10  # seconds for a client that stops sending

    def do_POST(self) -> None:
        """Take one webhook."""
        verify = VERIFIERS.get(self.path)
        length = self.headers.get("Content-Length", "")
        if verify is None:
            self.answer(404, "no such address")
        elif not re.fullmatch("[0-9]{1,6}", length) or int(length) > MAX_BODY_BYTES:
            self.answer(413, f"Content-Length must be at most {MAX_BODY_BYTES}")
        else:
            body = self.rfile.read(int(length))
            try:
                verify(SECRET, dict(self.headers), body)
            except UnverifiedWebhookError as problem:
                self.answer(400, str(problem))
            else:
                self.answer(204)  # yours keeps the webhook before this line, and does the work after it
                self.log_message("verified: %s %s", json.loads(body)["event"], self.headers["webhook-id"])

    def answer(self, status: int, text: str = "") -> None:
        """Answer with a status and, where one is due, a line that says why."""
        content = f"{text}\n".encode() if text else b""
        self.send_response(status)
        self.send_header("Connection", "close")
        if text:
            self.log_message("refused: %s", text)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    if not SECRET:
        sys.exit("Set WEBHOOK_SECRET to your webhook secret, the one of GET /api/v1/webhooks/config.")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 4001
    try:
        ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
    except KeyboardInterrupt:
        sys.exit()
