"""The webhooks that came, oldest first, for whoever waits for one."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.local.receiver.behaviour import Behaviour
from infra.local.receiver.received_webhook import ReceivedWebhook
from infra.local.receiver.verification import (
    SignatureMismatchError,
    UnverifiedWebhookError,
    verify,
)

KEPT_DELIVERIES = 500  # many times a screenful; the oldest goes first


@dataclass
class Inbox:
    """Verifies and keeps deliveries; written by the server's thread, read by any."""

    secret: str
    announce: Callable[[str], None]
    page_url: str = ""  # where a new secret can be entered

    def __post_init__(self) -> None:
        self._kept: deque[ReceivedWebhook] = deque(maxlen=KEPT_DELIVERIES)
        self._received = 0
        self._attempts: Counter[str] = Counter()
        self._changed = threading.Condition()

    @property
    def deliveries(self) -> list[ReceivedWebhook]:
        """What is kept, oldest first."""
        with self._changed:
            return list(self._kept)

    def receive(self, body: bytes, headers: Mapping[str, str], behaviour: Behaviour) -> ReceivedWebhook:
        """Verify and keep one delivery, with the status it is to be answered with."""
        problem, hint = self._verify(body, headers)
        with self._changed:
            self._received += 1
            webhook_id = headers.get("webhook-id", "")
            self._attempts[webhook_id] += 1
            attempt = self._attempts[webhook_id]
            delivery = ReceivedWebhook(
                number=self._received,
                received_at=datetime.now(UTC),
                headers=dict(headers),
                body=body,
                webhook_id=webhook_id,
                attempt=attempt,
                problem=problem,
                hint=hint,
                status=400 if problem else behaviour.answer_status(self._received, attempt),
            )
            self._kept.append(delivery)
            self._changed.notify_all()
        self.announce(delivery.line())
        return delivery

    def wait_for(
        self, event: str | None, payment_id: str | None, count: int, timeout_s: float
    ) -> list[ReceivedWebhook]:
        """The deliveries of that event and payment, once there are `count`; else `TimeoutError`."""

        def matching() -> list[ReceivedWebhook]:
            return [
                delivery
                for delivery in self._kept
                if event in (None, delivery.event) and payment_id in (None, delivery.payment_id)
            ]

        with self._changed:
            if self._changed.wait_for(lambda: len(matching()) >= count, timeout_s):
                return matching()
            came = ", ".join(f"{kept.event} {kept.payment_id} ({kept.status})" for kept in self._kept)
        raise TimeoutError(
            f"expected {count} x {event or 'any event'} for {payment_id or 'any payment'} "
            f"within {timeout_s:g} s, got: {came or 'nothing'}"
        )

    def _verify(self, body: bytes, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
        """What is wrong with a delivery, and what may be the reason of it."""
        try:
            verify(self.secret, body, headers)
        except SignatureMismatchError as error:
            return str(error), f"If the webhook secret was changed, enter the new secret at {self.page_url}"
        except UnverifiedWebhookError as error:
            return str(error), None
        return None, None
