"""Stores the received webhooks, and lets tests wait for one."""

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

KEPT_DELIVERIES = 500  # far more than fit on a screen; the oldest is removed first


@dataclass
class Inbox:
    """Verifies and stores deliveries. The server's thread writes; any thread can read."""

    secret: str
    announce: Callable[[str], None]
    page_url: str = ""  # the page to enter a new secret

    def __post_init__(self) -> None:
        self._kept: deque[ReceivedWebhook] = deque(maxlen=KEPT_DELIVERIES)
        self._received = 0
        self._attempts: Counter[str] = Counter()
        self._changed = threading.Condition()

    @property
    def deliveries(self) -> list[ReceivedWebhook]:
        """The stored deliveries, oldest first."""
        with self._changed:
            return list(self._kept)

    def receive(self, body: bytes, headers: Mapping[str, str], behaviour: Behaviour) -> ReceivedWebhook:
        """Verify and store one delivery. Its `status` is the status of the response."""
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
                status=400 if problem else behaviour.response_status(self._received, attempt),
            )
            self._kept.append(delivery)
            self._changed.notify_all()
        self.announce(delivery.line())
        return delivery

    def wait_for(
        self, event: str | None, payment_id: str | None, count: int, timeout_s: float
    ) -> list[ReceivedWebhook]:
        """Wait for `count` deliveries of an event and a payment. Raises `TimeoutError`."""

        def matching() -> list[ReceivedWebhook]:
            return [
                delivery
                for delivery in self._kept
                if event in (None, delivery.event) and payment_id in (None, delivery.payment_id)
            ]

        with self._changed:
            if self._changed.wait_for(lambda: len(matching()) >= count, timeout_s):
                return matching()
            received = ", ".join(f"{kept.event} {kept.payment_id} ({kept.status})" for kept in self._kept)
        raise TimeoutError(
            f"expected {count} x {event or 'any event'} for {payment_id or 'any payment'} "
            f"within {timeout_s:g} s, got: {received or 'nothing'}"
        )

    def _verify(self, body: bytes, headers: Mapping[str, str]) -> tuple[str | None, str | None]:
        """The problem of a delivery, if any, and a hint to fix it."""
        try:
            verify(self.secret, body, headers)
        except SignatureMismatchError as error:
            return str(error), f"If the webhook secret was changed, enter the new secret at {self.page_url}"
        except UnverifiedWebhookError as error:
            return str(error), None
        return None, None
