"""Signed sample webhooks for the checks of one endpoint."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from chalicelib.domain.event import Event, EventName, PaymentEvent
from chalicelib.domain.ids import derived_uuid, new_id
from chalicelib.domain.sample_event import sample_event
from chalicelib.domain.signature import new_signing_secret, signature_headers
from chalicelib.domain.webhook_endpoint import WebhookEndpoint

UNKNOWN_EVENT = "receiver_lab.unknown"
LARGE_BODY_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Webhooks of ``merchant_id`` to ``endpoint`` at the time ``now``. Their objects do not exist."""

    merchant_id: str
    endpoint: WebhookEndpoint
    now: datetime
    random: Random

    def event(self, name: EventName = EventName.PAYMENT_SUCCESS, *, age: timedelta = timedelta()) -> Event:
        """An event of a new payment, ``age`` ago."""
        return sample_event(name, self.merchant_id, self.endpoint, now=self.now - age, random=self.random)

    def reversed_events(self) -> tuple[Event, Event]:
        """``payment.captured`` and ``payment.created`` of one payment: the wrong order."""
        created, captured = self.event(EventName.PAYMENT_CREATED), self.event(EventName.PAYMENT_CAPTURED)
        assert isinstance(created, PaymentEvent)  # noqa: S101 - events of payments
        assert isinstance(captured, PaymentEvent)  # noqa: S101
        first = created.payment
        payment = replace(captured.payment, id=first.id, order_id=first.order_id)
        return replace(captured, payment=payment), created

    def body(self, event: Event) -> bytes:
        """The body, in the payload format of the endpoint."""
        return event.body(self.endpoint.payload).encode()

    def unknown_body(self) -> bytes:
        """A body with an event type that the gateway does not have."""
        content = json.loads(self.body(self.event())) | {"event": UNKNOWN_EVENT}
        return _compact(content)

    def large_body(self) -> bytes:
        """A JSON body of LARGE_BODY_BYTES, many times the size of a webhook."""
        content = json.loads(self.body(self.event())) | {"padding": ""}
        missing = LARGE_BODY_BYTES - len(_compact(content))
        return _compact(content | {"padding": "x" * missing})

    def headers(
        self,
        body: bytes,
        *,
        webhook_id: str | None = None,
        age: timedelta = timedelta(),
        secrets: Sequence[str] | None = None,
    ) -> Mapping[str, str]:
        """The signature headers of ``body``, signed ``age`` ago with the secrets of the endpoint."""
        return signature_headers(
            self.secrets if secrets is None else secrets,
            webhook_id=webhook_id or self.new_webhook_id(),
            sent_at=self.now - age,
            body=body,
        )

    @property
    def secrets(self) -> list[str]:
        """The secrets that are valid now, the current one first."""
        return self.endpoint.signing_secrets(self.now)

    def other_secret(self) -> str:
        """A secret that the receiver does not have."""
        return new_signing_secret(self.random)

    def new_webhook_id(self) -> str:
        """A ``webhook-id`` that was not used before."""
        return derived_uuid(new_id("lab_", self.random))


def _compact(content: Mapping[str, Any]) -> bytes:
    """The JSON text without spaces, in ASCII."""
    return json.dumps(content, separators=(",", ":")).encode()
