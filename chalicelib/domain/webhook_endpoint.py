"""A webhook endpoint of a merchant: its URL, secrets, subscription and payload format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple, Self

from chalicelib.domain.event import Event, EventName, PayloadFormat
from chalicelib.domain.ids import derived_uuid, new_id
from chalicelib.domain.times import iso

DEFAULT_ID = "default"
MAX_ENDPOINTS = 16
"""The endpoints of a merchant, including the default one, which always exists."""

MAX_DESCRIPTION_CHARS = 255
SECRET_OVERLAP = timedelta(hours=24)
ALL_EVENTS = "*"
ORIGINAL_EVENTS = frozenset(
    {
        EventName.PAYMENT_CREATED,
        EventName.PAYMENT_PENDING,
        EventName.PAYMENT_SUCCESS,
        EventName.PAYMENT_FAILED,
        EventName.PAYMENT_CAPTURED,
        EventName.REFUND_CREATED,
        EventName.REFUND_PROCESSED,
        EventName.REFUND_FAILED,
        EventName.WEBHOOK_TEST,
    }
)
"""The subscription of the default endpoint until it is changed: its receiver must not get unknown events."""


class EndpointStatus(StrEnum):
    """Whether webhooks are sent to an endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint is disabled: nearly all its webhooks failed for days, or the merchant requested it."""

    FAILING = "failing"
    REQUESTED = "requested"


class EndpointKey(NamedTuple):
    """The key of an endpoint. An endpoint id is unique for its merchant."""

    merchant_id: str
    endpoint_id: str = DEFAULT_ID

    @property
    def text(self) -> str:
        """The key as text: the merchant's id, followed by the endpoint's id unless it is the default one."""
        return self.merchant_id if self.endpoint_id == DEFAULT_ID else "#".join(self)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key of its ``text``."""
        merchant_id, _, endpoint_id = text.partition("#")
        return cls(merchant_id, endpoint_id or DEFAULT_ID)


@dataclass(frozen=True, kw_only=True)
class WebhookEndpoint:
    """A URL that receives a merchant's webhooks, and the secrets that sign them.

    Without a URL, which only the default endpoint can lack, no webhook is sent. ``events`` are event names or
    ALL_EVENTS. ``enabled_at``: attempts before this time do not count for its health. ``failing_since``: the
    start of the failures for which it was disabled.
    """

    id: str = DEFAULT_ID
    url: str | None
    secret: str = field(repr=False)
    previous_secret: str | None = field(default=None, repr=False)
    previous_secret_until: datetime | None = None
    events: frozenset[str] = ORIGINAL_EVENTS
    payload: PayloadFormat = PayloadFormat.FULL
    description: str | None = None
    enabled_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None
    failing_since: datetime | None = None

    @property
    def status(self) -> EndpointStatus:
        """Whether webhooks are sent to it."""
        return EndpointStatus.DISABLED if self.disabled_at else EndpointStatus.ENABLED

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets that are valid at ``now``, the current one first."""
        if self.previous_secret and self.previous_secret_until and now < self.previous_secret_until:
            return [self.secret, self.previous_secret]
        return [self.secret]

    def receives(self, name: EventName) -> bool:
        """Whether it has a URL and is subscribed to the event. A disabled endpoint is still subscribed."""
        return self.url is not None and not self.events.isdisjoint({ALL_EVENTS, name})


@dataclass(frozen=True, kw_only=True)
class EndpointDisabled(Event):
    """The event that an endpoint was disabled because nearly all its webhooks failed since ``since``."""

    endpoint: WebhookEndpoint
    disabled_at: datetime
    since: datetime
    name: EventName = EventName.WEBHOOK_ENDPOINT_DISABLED
    sequence: int = 1

    @property
    def id(self) -> str:
        """The UUID of the event. An endpoint can be disabled several times."""
        key = EndpointKey(self.merchant_id, self.endpoint.id)
        return derived_uuid(key.text, iso(self.disabled_at), self.name)

    @property
    def at(self) -> datetime:
        """The time of the event."""
        return self.disabled_at

    def data(self) -> Mapping[str, Any]:
        """The endpoint, without its secrets."""
        fields = {
            "id": self.endpoint.id,
            "url": self.endpoint.url,
            "description": self.endpoint.description,
            "disabled_at": iso(self.disabled_at),
            "failing_since": iso(self.since),
        }
        return {"webhook_endpoint": {name: value for name, value in fields.items() if value is not None}}


def new_endpoint_id(random: Random) -> str:
    """A new endpoint id."""
    return new_id("we_", random)
