"""The command `trigger`: trigger an event through the API."""

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from chalicelib.domain.event import EventName, event_id
from chalicelib.domain.merchant import Merchant
from chalicelib.services.onboarding import TEST_API_SECRET, TEST_MERCHANT_ID
from chalicelib.store.webhook_logs import WebhookLogStore
from infra.arguments import Commands, add_command, add_stage
from infra.errors import InfraError
from infra.local.demo.merchant_api import MerchantApi
from infra.local.demo.narration import DemoError
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.listen import line
from infra.stage import Stage

AMOUNT = 50_000
SECRET_VARIABLE = "API_SECRET"  # noqa: S105 - a name, not a secret
SETTLING_DEADLINE_S = 60.0
WEBHOOK_DEADLINE_S = 15.0
POLL_S = 0.5

# VPAs that determine the outcome in test mode.
SUCCEEDS, FAILS, UNREFUNDABLE = "success@trigger", "failure@trigger", "norefund@trigger"
_TEST_MODE_ONLY = frozenset({EventName.PAYMENT_FAILED, EventName.REFUND_FAILED})

Json = dict[str, Any]


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(
        add_command(
            commands, "trigger", trigger, "trigger an event through the API; not available in production"
        ),
        default=DEFAULT_STAGE,
    )
    parser.add_argument("event", choices=[*_SCENES], help="the event to trigger")
    parser.add_argument(
        "--merchant",
        metavar="ID",
        help="the merchant's id (default: the test merchant); "
        f"set its API secret in the environment variable {SECRET_VARIABLE}, or enter it at the prompt",
    )


def trigger(arguments: argparse.Namespace) -> int:
    """Trigger the event and show its webhook."""
    if Stage(arguments.stage).is_production:
        raise InfraError("`trigger` is not available on production stages. Choose another stage.")
    deployment, event = Deployment.load(arguments.stage), EventName(arguments.event)
    test_mode = deployment.settings.acquirer.test_mode
    _require_test_mode(event, test_mode=test_mode)
    merchant = deployment.merchant(arguments.merchant)
    if event is EventName.WEBHOOK_TEST and merchant.webhook.url is None:
        raise InfraError(
            f"{merchant.name} has no webhook URL to test. Set one with PUT /api/v1/webhooks/config."
        )
    try:
        log_id = _trigger_event(event, Scene(_api(deployment, merchant)))
    except DemoError as error:
        raise InfraError(_with_hint(f"The event was not triggered: {error}", test_mode=test_mode)) from error
    except requests.RequestException as error:
        raise InfraError(f"The API at {deployment.api_url} does not respond: {error}") from error
    _show_webhook(deployment.gateway.attempts.logs, merchant, log_id)
    return 0


@dataclass(frozen=True)
class Scene:
    """The actions of a merchant and a buyer. Each prints its result and returns an id. Raises DemoError."""

    api: MerchantApi

    def pay(self, vpa: str) -> str:
        """Create an order and a payment."""
        order = self.api.call("POST", "/api/v1/orders", 201, {"amount": AMOUNT, "receipt": "trigger"})
        payment = {"order_id": order["id"], "method": "upi", "vpa": vpa}
        return _print_status(self.api.call("POST", "/api/v1/payments", 201, payment))

    def paid(self, vpa: str) -> str:
        """Create a payment and wait until it succeeds."""
        return self.settled("payments", self.pay(vpa), "success")

    def captured(self) -> str:
        """Create and capture a payment."""
        payment_id = self.paid(SUCCEEDS)
        self.api.call("POST", f"/api/v1/payments/{payment_id}/capture", body={})
        print(f"  {payment_id} captured", flush=True)
        return payment_id

    def refund(self, vpa: str) -> str:
        """Create a payment, wait until it succeeds, and create a refund."""
        path = f"/api/v1/payments/{self.paid(vpa)}/refunds"
        return _print_status(self.api.call("POST", path, 201, {"amount": AMOUNT, "reason": "trigger"}))

    def settled(self, kind: str, id_: str, expected: str) -> str:
        """Wait until a payment or refund is no longer pending. Its status must then be ``expected``."""

        def read() -> Json | None:
            content = self.api.call("GET", f"/api/v1/{kind}/{id_}")
            return None if content["status"] == "pending" else content

        settled = _poll(read, SETTLING_DEADLINE_S)
        if settled is None:
            raise DemoError(
                f"{id_} is still pending after {SETTLING_DEADLINE_S:g} s. Run `doctor` to find the cause"
            )
        _print_status(settled)
        if settled["status"] != expected:
            raise DemoError(f"expected {id_} to become {expected}, got {settled['status']}")
        return id_

    def test(self) -> str:
        """Send a test webhook."""
        log_id: str = self.api.call("POST", "/api/v1/webhooks/test", 201)["id"]
        return log_id


_SCENES: dict[EventName, Callable[[Scene], str]] = {
    EventName.PAYMENT_CREATED: lambda scene: scene.pay(SUCCEEDS),
    EventName.PAYMENT_PENDING: lambda scene: scene.pay(SUCCEEDS),
    EventName.PAYMENT_SUCCESS: lambda scene: scene.paid(SUCCEEDS),
    EventName.PAYMENT_FAILED: lambda scene: scene.settled("payments", scene.pay(FAILS), "failed"),
    EventName.PAYMENT_CAPTURED: lambda scene: scene.captured(),
    EventName.REFUND_CREATED: lambda scene: scene.refund(SUCCEEDS),
    EventName.REFUND_PROCESSED: lambda scene: scene.settled("refunds", scene.refund(SUCCEEDS), "processed"),
    EventName.REFUND_FAILED: lambda scene: scene.settled("refunds", scene.refund(UNREFUNDABLE), "failed"),
    EventName.WEBHOOK_TEST: lambda scene: scene.test(),
}
"""The actions that trigger each event. They return the id of its payment, refund or webhook log."""


def _trigger_event(event: EventName, scene: Scene) -> str:
    """Trigger ``event`` and return the id of its webhook log."""
    id_ = _SCENES[event](scene)
    return id_ if event is EventName.WEBHOOK_TEST else event_id(id_, event)


def _require_test_mode(event: EventName, *, test_mode: bool) -> None:
    """Raise InfraError without test mode if the event requires it; print a note if the outcome is random."""
    if test_mode:
        return
    if event in _TEST_MODE_ONLY:
        raise InfraError(
            f"{event} requires test mode. Start the gateway with `TEST_MODE=true make run`, "
            "or deploy the stage with TEST_MODE=true."
        )
    if event not in {EventName.PAYMENT_CREATED, EventName.PAYMENT_PENDING, EventName.WEBHOOK_TEST}:
        print("The stage is not in test mode: processing takes some seconds, and the outcome is random.")


def _with_hint(text: str, *, test_mode: bool) -> str:
    """Add a hint to try again if the outcome is random."""
    return f"{text}." if test_mode else f"{text}. Without test mode the outcome is random. Try again."


def _api(deployment: Deployment, merchant: Merchant) -> MerchantApi:
    api = MerchantApi(deployment.api_url)
    api.session.headers.update({"X-Api-Key": merchant.api_key, "X-Api-Secret": _api_secret(merchant)})
    return api


def _api_secret(merchant: Merchant) -> str:
    """The merchant's API secret. The gateway stores only its hash, so the operator must provide it."""
    if secret := os.environ.get(SECRET_VARIABLE):
        return secret
    if merchant.id == TEST_MERCHANT_ID:
        return TEST_API_SECRET
    if not sys.stdin.isatty():
        raise InfraError(
            f"Set the environment variable {SECRET_VARIABLE} to the API secret of {merchant.name}."
        )
    return getpass.getpass(f"API secret of {merchant.name}: ")


def _show_webhook(logs: WebhookLogStore, merchant: Merchant, log_id: str) -> None:
    """Wait for the first attempt of the webhook and print it."""
    if merchant.webhook.url is None:
        print(
            "No webhook was sent: the merchant has no webhook URL. Set one with "
            "PUT /api/v1/webhooks/config (local receiver: http://localhost:4000/webhook)."
        )
        return

    def attempted() -> str | None:
        log = logs.get(log_id)
        return line(log) if log and log.attempts else None

    print(
        _poll(attempted, WEBHOOK_DEADLINE_S)
        or f"The webhook {log_id} has no attempt yet. Run `listen` to see its attempts."
    )


def _poll(probe: Callable[[], Any], deadline_s: float) -> Any:
    """The first result of ``probe`` that is not None, or None after ``deadline_s``."""
    deadline = time.monotonic() + deadline_s
    while (result := probe()) is None and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return result


def _print_status(entity: Json) -> str:
    """Print the status of a payment or a refund, and return its id."""
    print(f"  {entity['id']} {entity['status']}", flush=True)
    id_: str = entity["id"]
    return id_
