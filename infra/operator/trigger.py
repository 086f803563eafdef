"""`trigger`: make an event happen for real, through the API."""

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

# By the name of the VPA an outcome is chosen, in test mode.
SUCCEEDS, FAILS, UNREFUNDABLE = "success@trigger", "failure@trigger", "norefund@trigger"
_CERTAIN_ONLY = frozenset({EventName.PAYMENT_FAILED, EventName.REFUND_FAILED})

Json = dict[str, Any]


def add_commands(commands: Commands) -> None:
    """Declare it."""
    parser = add_stage(
        add_command(commands, "trigger", trigger, "make an event happen, through the API; not in production"),
        default=DEFAULT_STAGE,
    )
    parser.add_argument("event", choices=[*EventName])
    parser.add_argument(
        "--merchant",
        metavar="ID",
        help="for whom (default: the test merchant); "
        f"the API secret is taken from the variable {SECRET_VARIABLE}, or asked for",
    )


def trigger(arguments: argparse.Namespace) -> int:
    """Make the event happen, and show the webhook that it owes."""
    if Stage(arguments.stage).is_production:
        raise InfraError("In production, payments are the buyers' to make: trigger works on other stages.")
    deployment, event = Deployment.reach(arguments.stage), EventName(arguments.event)
    is_certain = deployment.settings.acquirer.test_mode
    _refuse_uncertain(event, is_certain=is_certain)
    merchant = deployment.merchant(arguments.merchant)
    if event is EventName.WEBHOOK_TEST and merchant.webhook.url is None:
        raise InfraError(
            f"{merchant.name} has no webhook URL to test; save one with PUT /api/v1/webhooks/config."
        )
    try:
        log_id = _play(event, Scene(_shop(deployment, merchant)))
    except DemoError as error:
        raise InfraError(_with_chance(str(error), is_certain=is_certain)) from error
    except requests.RequestException as error:
        raise InfraError(f"The API at {deployment.api_url} does not answer: {error}") from error
    _show_webhook(deployment.gateway.attempts.logs, merchant, log_id)
    return 0


@dataclass(frozen=True)
class Scene:
    """What a merchant and a buyer do, told as it happens. Each step gives an id; raises DemoError."""

    shop: MerchantApi

    def pay(self, vpa: str) -> str:
        """A new payment of a new order."""
        order = self.shop.call("POST", "/api/v1/orders", 201, {"amount": AMOUNT, "receipt": "trigger"})
        payment = {"order_id": order["id"], "method": "upi", "vpa": vpa}
        return _said(self.shop.call("POST", "/api/v1/payments", 201, payment))

    def paid(self, vpa: str) -> str:
        """A payment that succeeded."""
        return self.settled("payments", self.pay(vpa), "success")

    def captured(self) -> str:
        """A payment that was captured."""
        payment_id = self.paid(SUCCEEDS)
        self.shop.call("POST", f"/api/v1/payments/{payment_id}/capture", body={})
        print(f"  {payment_id} captured", flush=True)
        return payment_id

    def refund(self, vpa: str) -> str:
        """A new refund of a payment that succeeded."""
        path = f"/api/v1/payments/{self.paid(vpa)}/refunds"
        return _said(self.shop.call("POST", path, 201, {"amount": AMOUNT, "reason": "trigger"}))

    def settled(self, kind: str, id_: str, wanted: str) -> str:
        """A payment or refund once it is no longer pending, as it should be then."""

        def read() -> Json | None:
            answer = self.shop.call("GET", f"/api/v1/{kind}/{id_}")
            return None if answer["status"] == "pending" else answer

        settled = _until(read, SETTLING_DEADLINE_S)
        if settled is None:
            raise DemoError(f"{id_} is still pending after {SETTLING_DEADLINE_S:g} s; `doctor` may know why")
        _said(settled)
        if settled["status"] != wanted:
            raise DemoError(f"{id_} should have become {wanted}, and is {settled['status']}")
        return id_

    def test(self) -> str:
        """A test of the webhook URL."""
        log_id: str = self.shop.call("POST", "/api/v1/webhooks/test", 201)["id"]
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
"""How each event is made to happen; the id is that of what it is about, or of its webhook log."""


def _play(event: EventName, scene: Scene) -> str:
    """Make ``event`` happen; the id of the webhook log that it owes."""
    id_ = _SCENES[event](scene)
    return id_ if event is EventName.WEBHOOK_TEST else event_id(id_, event)


def _refuse_uncertain(event: EventName, *, is_certain: bool) -> None:
    """What only test mode can force is not tried without it."""
    if is_certain:
        return
    if event in _CERTAIN_ONLY:
        raise InfraError(
            f"{event} can be forced in test mode only: start with `TEST_MODE=true make run`, "
            "or deploy the stage with TEST_MODE=true."
        )
    if event not in {EventName.PAYMENT_CREATED, EventName.PAYMENT_PENDING, EventName.WEBHOOK_TEST}:
        print("The stage is not in test mode: it takes some seconds, and the outcome is up to chance.")


def _with_chance(text: str, *, is_certain: bool) -> str:
    """An outcome that chance has spoilt may be better next time."""
    return text if is_certain else f"{text}. Without test mode the outcome is up to chance: try again."


def _shop(deployment: Deployment, merchant: Merchant) -> MerchantApi:
    shop = MerchantApi(deployment.api_url)
    shop.session.headers.update({"X-Api-Key": merchant.api_key, "X-Api-Secret": _secret_of(merchant)})
    return shop


def _secret_of(merchant: Merchant) -> str:
    """Only hashes of secrets are kept, so that another merchant's must be told."""
    if secret := os.environ.get(SECRET_VARIABLE):
        return secret
    if merchant.id == TEST_MERCHANT_ID:
        return TEST_API_SECRET
    if not sys.stdin.isatty():
        raise InfraError(f"Put the API secret of {merchant.name} into the variable {SECRET_VARIABLE}.")
    return getpass.getpass(f"API secret of {merchant.name}: ")


def _show_webhook(logs: WebhookLogStore, merchant: Merchant, log_id: str) -> None:
    """The webhook once it was attempted; why there is none, if there is none."""
    if merchant.webhook.url is None:
        print(
            "No webhook: the merchant has no webhook URL. Save one with PUT /api/v1/webhooks/config "
            "(the local receiver's is http://localhost:4000/webhook)."
        )
        return

    def attempted() -> str | None:
        log = logs.get(log_id)
        return line(log) if log and log.attempts else None

    print(
        _until(attempted, WEBHOOK_DEADLINE_S)
        or f"The webhook {log_id} was not attempted yet; `listen` shows it."
    )


def _until(ask: Callable[[], Any], deadline_s: float) -> Any:
    """The first answer that is one, None when there is none in time."""
    deadline = time.monotonic() + deadline_s
    while (answer := ask()) is None and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return answer


def _said(thing: Json) -> str:
    """Print what became of a payment or a refund; its id."""
    print(f"  {thing['id']} {thing['status']}", flush=True)
    id_: str = thing["id"]
    return id_
