"""The emulator of Stripe in a separate process, and what the buyer and the merchant do at Stripe."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import requests

from infra.errors import InfraError
from infra.local import loopback
from infra.local.environment import isolate
from infra.local.ports import HOST
from infra.local.processes import stop
from infra.project import IMPORTS

START_TIMEOUT_S = 60.0
COMMAND_TIMEOUT_S = 120.0
REQUEST_TIMEOUT_S = 10.0
_POLL_S = 0.05
_EVENTS = ("payment_intent.succeeded", "payment_intent.payment_failed")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class StripeEmulator:
    """localstripe on a free port. Use it as a context manager. Raises InfraError if it is not installed.

    ``dump``: a file to which it writes all its data, with card numbers, after each change. By default none.
    """

    port: int = field(default_factory=_free_port)
    secret_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(12)}", repr=False)
    webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(12)}", repr=False)
    dump: Path | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def api_url(self) -> str:
        """The address for the credential ``api_url``."""
        return f"http://{HOST}:{self.port}"

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials of a merchant at this emulator, which accepts card numbers."""
        return {
            "secret_key": self.secret_key,
            "webhook_secret": self.webhook_secret,
            "card_numbers": "allowed",
            "api_url": self.api_url,
        }

    def __enter__(self) -> Self:
        if find_spec("localstripe") is None:
            raise InfraError(
                "The emulator of Stripe is not installed. Run: .venv/bin/pip install -r requirements-dev.txt"
            )
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "infra.local.stripe_server",
                str(self.port),
                *([str(self.dump)] if self.dump else []),
            ],
            cwd=IMPORTS,
            stdin=subprocess.PIPE,  # closes when this process ends, which stops the emulator
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_responding():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise InfraError(f"The emulator of Stripe did not start on port {self.port}.")
            time.sleep(_POLL_S)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None

    def serve(self, merchant: str, *, stage: str, aws_endpoint_url: str) -> str:
        """Make this the card acquirer of a merchant, as an operator does. Returns the command.

        Raises InfraError with its output if it fails.
        """
        words = ["merchant", "acquirer", "set", merchant, "--stage", stage, "--method", "card"]
        words += ["--acquirer", "stripe", "--credentials", "-"]
        environment = dict(os.environ)
        isolate(environment)
        completed = subprocess.run(
            [sys.executable, "-m", "infra", *words],
            cwd=IMPORTS,
            env={**environment, "AWS_ENDPOINT_URL": aws_endpoint_url},
            input=json.dumps(self.credentials),
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        if completed.returncode:
            raise InfraError(f"infra merchant acquirer set failed: {completed.stderr.strip()}")
        return " ".join(["infra", *words])

    def notify(self, url: str) -> None:
        """Send notifications to ``url``, signed with the webhook secret, as set in Stripe's dashboard."""
        body = {"url": url, "secret": self.webhook_secret, "events": list(_EVENTS)}
        self._call("POST", "/_config/webhooks/gateway", json=body)

    def intent(self, payment_id: str) -> dict[str, Any] | None:
        """The PaymentIntent of a payment."""
        intents: list[dict[str, Any]] = self._call("GET", "/v1/payment_intents?limit=1000")["data"]
        return next((one for one in intents if one["metadata"].get("payment_id") == payment_id), None)

    def refunds(self, intent_id: str) -> list[dict[str, Any]]:
        """The refunds of a PaymentIntent."""
        refunds: list[dict[str, Any]] = self._call("GET", f"/v1/refunds?payment_intent={intent_id}")["data"]
        return refunds

    def authenticate(self, intent: dict[str, Any], *, success: bool) -> None:
        """The buyer answers the challenge of the bank."""
        body = {"client_secret": intent["client_secret"], "success": success}
        self._call("POST", f"/v1/payment_intents/{intent['id']}/_authenticate", json=body)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        response = loopback.session().request(
            method,
            self.api_url + path,
            headers={"Authorization": f"Bearer {self.secret_key}"},
            timeout=REQUEST_TIMEOUT_S,
            **options,
        )
        if not response.ok:
            raise InfraError(f"The emulator of Stripe responded with {response.status_code} to {path}.")
        return response.json() if response.content else None

    def _is_responding(self) -> bool:
        try:
            self._call("GET", "/v1/balance")
        except (requests.RequestException, InfraError):
            return False
        return True
