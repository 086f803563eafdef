"""The steps of the demo."""

import argparse
import io
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import segno

from chalicelib.domain.payment import DEFAULT_ACQUIRER
from chalicelib.domain.simulated_charge import ONE_TIME_CODE
from chalicelib.services.onboarding import TEST_API_SECRET
from infra.local.demo import stripe
from infra.local.demo.merchant_api import MerchantApi
from infra.local.demo.narration import Narration, expect
from infra.local.demo.orders import card, create_order
from infra.local.environment import isolate
from infra.local.gateway import LocalGateway
from infra.local.ports import Ports
from infra.local.receiver import Receiver

EVENTS = ("payment.created", "payment.pending", "payment.success")
ENVIRONMENT = {"TEST_MODE": "true", "TEST_PROCESSING_DELAY": "1000", "WEBHOOK_RETRY_INTERVALS_TEST": "true"}
WEBHOOK_DEADLINE_S = 30.0
UPI = {"method": "upi", "vpa": "buyer@upi"}
UPI_QR = {"method": "upi", "flow": "qr"}


CARD = card("4111 1111 1111 1111")
CHALLENGED_CARD = card("4000 0027 6000 3184")
SUMMARIES = {
    DEFAULT_ACQUIRER: "The demo creates four payments and receives their signed webhooks.",
    stripe.NAME: "The demo creates two payments at an emulator of Stripe and receives their signed webhooks.",
}


def main(argv: list[str] | None = None) -> int:
    """Run the demo. 0 if every step succeeded."""
    parser = argparse.ArgumentParser(
        prog="python -m infra demo", description="Create payments and show their webhooks."
    )
    parser.add_argument("--acquirer", choices=SUMMARIES, default=DEFAULT_ACQUIRER)
    acquirer: str = parser.parse_args(argv).acquirer
    isolate(os.environ)
    narration = Narration()
    print(f"\n{SUMMARIES[acquirer]}\n", flush=True)
    try:
        with ExitStack() as stack:
            _run(narration, stack, acquirer)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except Exception as error:
        narration.fail(error)
        return 1
    print("\nThe demo succeeded.\n")
    return 0


def _run(narration: Narration, stack: ExitStack, acquirer: str) -> None:
    with narration.step("The gateway starts on free ports") as lines:
        gateway = stack.enter_context(_gateway(stack.enter_context(TemporaryDirectory(prefix="demo-"))))
        lines.append(gateway.api_url)
    api = MerchantApi(gateway.api_url)
    with narration.step("The gateway is healthy") as lines:
        health = api.call("GET", "/health")
        expect("healthy", health["status"])
        lines.append(", ".join(f"{part} {health[part]}" for part in ("database", "queue", "worker")))
    with narration.step("The test merchant exists") as lines:
        merchant = api.call("GET", "/api/v1/test/merchant")
        api.session.headers.update({"X-Api-Key": merchant["api_key"], "X-Api-Secret": TEST_API_SECRET})
        lines.append(f"{merchant['email']}, key {merchant['api_key']}")
    emulator = None
    if acquirer == stripe.NAME:
        emulator = stripe.connect(narration, stack, gateway, merchant)
    with narration.step("The test merchant sets a webhook URL") as lines:
        secret = api.call("GET", "/api/v1/webhooks/config")["webhook_secret"]
        receiver = stack.enter_context(Receiver(secret=secret))
        api.call("PUT", "/api/v1/webhooks/config", body={"webhook_url": receiver.url})
        lines.append(receiver.url)
    payments = stripe.pay(narration, api, emulator) if emulator else _pay(narration, api)
    _follow_webhooks(narration, api, receiver, payments)
    if emulator:
        stripe.capture_and_refund(narration, api, emulator, payments[-1])


def _gateway(state_dir: str) -> LocalGateway:
    return LocalGateway(
        stage="demo", ports=Ports.free(), environment=ENVIRONMENT, state_dir=Path(state_dir), persist=False
    )


def _pay(narration: Narration, api: MerchantApi) -> list[str]:
    """Create an order and its payments. Returns the payments' ids after they have succeeded."""
    order = create_order(narration, api)
    payments = []
    for name, instrument in (("UPI", UPI), ("card", CARD)):
        with narration.step(f"A {name} payment is created") as lines:
            payment = api.call("POST", "/api/v1/payments", 201, {"order_id": order["id"], **instrument})
            expect("pending", payment["status"])
            payments.append(payment["id"])
            shown = payment.get("vpa") or f"{payment['card_network']} ending in {payment['card_last4']}"
            lines.append(f"{payment['id']}, {shown}, {payment['status']}")
    with narration.step("Both payments succeed") as lines:
        for payment_id in payments:
            payment = api.settled(payment_id)
            expect("success", payment["status"])
            lines.append(f"{payment_id}, {payment['status']}")
    return [*payments, _authenticate(narration, api, order["id"]), _scan(narration, api, order["id"])]


def _authenticate(narration: Narration, api: MerchantApi, order_id: str) -> str:
    """Pay with a card whose issuer requires 3-D Secure. Returns the id of the payment."""
    with narration.step("A card payment waits for its buyer") as lines:
        payment = api.call("POST", "/api/v1/payments", 201, {"order_id": order_id, **CHALLENGED_CARD})
        page: str = api.next_action(payment["id"])["url"]
        lines.append(f"{payment['id']}, the bank's page for 3-D Secure:")
        lines.append(page)
    with narration.step("The buyer enters the code of the bank") as lines:
        api.answer(page, {"decision": "approve", "code": ONE_TIME_CODE})
        paid = api.settled(payment["id"])
        expect("success", paid["status"])
        expect("authenticated", paid["authentication"]["result"])
        lines.append(f"{payment['id']}, {paid['status']}, {paid['authentication']['result']}")
    return str(payment["id"])


def _scan(narration: Narration, api: MerchantApi, order_id: str) -> str:
    """Pay with a UPI QR code. Returns the id of the payment."""
    with narration.step("A UPI payment shows a QR code") as lines:
        payment = api.call("POST", "/api/v1/payments", 201, {"order_id": order_id, **UPI_QR})
        action = api.next_action(payment["id"])
        lines.extend([f"{payment['id']}, {action['qr_svg_url']}", *_drawn(action["link"]), action["link"]])
    with narration.step("The buyer approves in the UPI app") as lines:
        api.answer(action["simulator_url"], {"decision": "approve"})
        paid = api.settled(payment["id"])
        expect("success", paid["status"])
        lines.append(f"{payment['id']}, {paid['status']}")
    return str(payment["id"])


def _drawn(link: str) -> list[str]:
    """The QR code of ``link`` as the lines of a terminal."""
    drawing = io.StringIO()
    segno.make(link, micro=False).terminal(out=drawing, border=1, compact=True)
    return drawing.getvalue().splitlines()


def _follow_webhooks(narration: Narration, api: MerchantApi, receiver: Receiver, payments: list[str]) -> None:
    """Wait for the signed webhook of each event of each payment, and for the webhook logs."""
    with narration.step("Their webhooks arrive, signatures verified") as lines:
        for payment_id in payments:
            for event in EVENTS:
                delivery = receiver.wait_for(event, payment_id=payment_id, timeout_s=WEBHOOK_DEADLINE_S)[0]
                expect("a verified signature", delivery.problem or "a verified signature")
                lines.append(delivery.line())
    with narration.step("The webhook logs show the deliveries") as lines:
        logs = api.delivered_logs(len(payments) * len(EVENTS))
        lines.extend(
            f"{log['created_at']}  {log['event']:<16} {log['status']}, response {log['response_code']}, "
            f"attempts: {log['attempts']}"
            for log in logs
        )
