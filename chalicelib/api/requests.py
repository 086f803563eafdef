"""Request bodies.

``json_schema_extra`` adds to the OpenAPI document what the code validates in addition to these models.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    field_validator,
)

from chalicelib.api.card_body import CardBody
from chalicelib.api.cursor import MAX_CURSOR_CHARS
from chalicelib.api.fields import MAX_TEXT_CHARS, Fingerprint, Moment, OrderId, Text, invalid
from chalicelib.api.input import Body
from chalicelib.domain.card_number import holds_issued_number
from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.event import EventName, PayloadFormat
from chalicelib.domain.instrument import PaymentDetails, PaymentMethod, UpiFlow
from chalicelib.domain.lab.check import CheckName, Scheme
from chalicelib.domain.merchant import MAX_RETURN_ORIGINS
from chalicelib.domain.merchant_clock import DURATION_PATTERN, MAX_AHEAD, parse_duration
from chalicelib.domain.methods.card import TOKEN_PATTERN, Card, CardPage, CardToken, parse_card_token
from chalicelib.domain.methods.upi import MAX_VPA_CHARS, VPA_PATTERN, UpiLink, Vpa, check_currency, parse_vpa
from chalicelib.domain.money import DEFAULT_CURRENCY, MAX_AMOUNT, MIN_AMOUNT, TOO_SMALL
from chalicelib.domain.order import MAX_EXPIRY, MAX_RECEIPT_CHARS
from chalicelib.domain.password import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS
from chalicelib.domain.payment import CaptureMode
from chalicelib.domain.refund import MAX_REASON_CHARS, MIN_REFUND
from chalicelib.domain.time_zone import time_zone
from chalicelib.domain.webhook_endpoint import ALL_EVENTS, MAX_DESCRIPTION_CHARS, EndpointStatus
from chalicelib.domain.webhook_url import MAX_URL_CHARS

MAX_NOTES_CHARS = 15_000  # as JSON; limits the size of the row of an order
DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS = 24, 7 * 24
_EVENT_NAMES: list[JsonValue] = [ALL_EVENTS, *EventName]
_URL_PATTERN = r"^[Hh][Tt][Tt][Pp][Ss]?://([A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-F]{2})+$"
_CODES: list[JsonValue] = [*sorted(MINOR_UNITS)]
_WITHOUT_DIGITS: list[JsonValue] = [*sorted(code for code, digits in MINOR_UNITS.items() if digits == 0)]
_MINIMUMS: list[JsonValue] = [
    {"properties": {"amount": {"minimum": MIN_AMOUNT}}},
    {
        "properties": {"currency": {"enum": _WITHOUT_DIGITS}, "amount": {"minimum": 1}},
        "required": ["currency"],
    },
]


class ReplayedStatus(StrEnum):
    """The webhooks that a replay includes."""

    FAILED = "failed"
    ALL = "all"


def _without_card_number(text: str | None) -> str | None:
    if text and holds_issued_number(text):
        raise invalid("must not contain a card number")
    return text


def _event_names(events: list[str]) -> list[str]:
    if not set(_EVENT_NAMES).issuperset(events):
        raise invalid('must be ["*"] or a list of event names, such as payment.success')
    return sorted(set(events))


Events = Annotated[
    list[str],
    Field(
        min_length=1,
        description='["*"] for all events, or their names',
        json_schema_extra={"items": {"type": "string", "enum": [*_EVENT_NAMES]}},
    ),
    AfterValidator(_event_names),
]
Description = Annotated[
    str | None, Field(max_length=MAX_DESCRIPTION_CHARS), AfterValidator(_without_card_number)
]


class NewOrderBody(Body):
    """A create-order request."""

    model_config = ConfigDict(json_schema_extra={"anyOf": _MINIMUMS})
    TEXTS: ClassVar[Mapping[str, str]] = {"amount": TOO_SMALL}

    amount: int = Field(
        le=MAX_AMOUNT,
        description=f"In minor units, such as paise. At least {MIN_AMOUNT}, or 1 in currencies without them",
    )
    currency: str | None = Field(
        default=None,
        description=f"An ISO 4217 code. The default is {DEFAULT_CURRENCY}",
        json_schema_extra={"enum": [*_CODES, None]},
    )
    receipt: Annotated[str | None, AfterValidator(_without_card_number)] = Field(
        default=None, max_length=MAX_RECEIPT_CHARS
    )
    notes: dict[str, JsonValue] | None = None
    pay_once: bool = Field(
        default=False, description="Allow one open payment at a time, and none once the order is paid"
    )
    expires_at: Annotated[datetime, Moment()] | None = Field(
        default=None,
        description=f"No payment is created from this time on. At most {MAX_EXPIRY.days} days in the future",
    )

    @field_validator("notes")
    @classmethod
    def _notes_are_small(cls, notes: dict[str, Any] | None) -> dict[str, Any] | None:
        if notes and len(_json(notes)) > MAX_NOTES_CHARS:
            raise invalid(f"must be at most {MAX_NOTES_CHARS} characters of JSON")
        _without_card_number(json.dumps(notes, ensure_ascii=False))  # in names, texts and numbers
        return notes


class NewPaymentBody(Body):
    """A create-payment request.

    ``upi`` requires ``vpa`` or ``flow``. ``card`` requires ``card`` or ``card_token``, or neither if the
    acquirer has a page on which the buyer enters the card.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"method": {"const": "upi"}, "vpa": {"type": "string"}}, "required": ["vpa"]},
                {
                    "properties": {
                        "method": {"const": "upi"},
                        "flow": {"enum": [UpiFlow.INTENT, UpiFlow.QR]},
                        "vpa": {"type": "null"},
                    },
                    "required": ["flow"],
                },
                {
                    "properties": {
                        "method": {"const": "card"},
                        "card": {"type": "object"},
                        "card_token": {"type": "null"},
                    },
                    "required": ["card"],
                },
                {
                    "properties": {
                        "method": {"const": "card"},
                        "card": {"type": "null"},
                        "card_token": {"type": "string"},
                    },
                    "required": ["card_token"],
                },
                {
                    "properties": {
                        "method": {"const": "card"},
                        "card": {"type": "null"},
                        "card_token": {"type": "null"},
                    },
                },
            ]
        }
    )

    order_id: Annotated[OrderId, Field(min_length=1, max_length=MAX_TEXT_CHARS)]
    method: Text = Field(json_schema_extra={"enum": [str(method) for method in PaymentMethod]})
    vpa: str | None = Field(
        default=None, json_schema_extra={"maxLength": MAX_VPA_CHARS, "pattern": f"^{VPA_PATTERN}$"}
    )
    card: CardBody | None = None
    card_token: str | None = Field(
        default=None,
        repr=False,
        description="A token of the card from the acquirer's script on your page, instead of `card`",
        json_schema_extra={"pattern": f"^{TOKEN_PATTERN}$"},
    )
    flow: UpiFlow | None = Field(
        default=None,
        description="How a UPI payment reaches the buyer: `collect`, the default, sends a request to `vpa`; "
        "`intent` and `qr` return a link in `next_action`",
    )
    capture: CaptureMode = Field(
        default=CaptureMode.AUTOMATIC,
        description="`manual`: the money is reserved until the payment is captured or voided",
    )
    return_url: Annotated[str | None, AfterValidator(_without_card_number)] = Field(
        default=None,
        description="Where the buyer returns after the payment, on an origin that the merchant allowed",
        json_schema_extra={"maxLength": MAX_URL_CHARS, "pattern": _URL_PATTERN},
    )

    def require_details(self, *, has_card_page: bool) -> None:
        """Raise BadRequestError if the field that the method requires is missing.

        ``has_card_page``: the buyer can enter the card on a page of the acquirer.
        """
        if self.method == PaymentMethod.UPI and self.vpa is None and not self._has_link:
            raise BadRequestError("vpa is required", field="vpa")
        if self.method == PaymentMethod.CARD and self._has_no_card and not has_card_page:
            raise BadRequestError("card is required", field="card")

    @property
    def _has_no_card(self) -> bool:
        return self.card is None and self.card_token is None

    @property
    def _has_link(self) -> bool:
        return self.method == PaymentMethod.UPI and self.flow in {UpiFlow.INTENT, UpiFlow.QR}

    def details(self, currency: str) -> PaymentDetails:
        """The valid details of the method. Raises BadRequestError and the errors of the method."""
        if self.flow and self.method != PaymentMethod.UPI:
            raise BadRequestError("flow is only for the method upi", field="flow")
        if self.flow and self._has_link:
            if self.vpa is not None:
                raise BadRequestError(f"vpa is not used by the flow {self.flow}", field="vpa")
            check_currency(currency)
            return UpiLink(self.flow)
        if self.method == PaymentMethod.UPI and self.vpa is not None:
            check_currency(currency)
            return Vpa(parse_vpa(self.vpa))
        if self.method == PaymentMethod.CARD:
            return self._card_details()
        raise BadRequestError("Invalid payment method", field="method")

    def _card_details(self) -> Card | CardToken | CardPage:
        if self.card_token is None:
            return self.card.parse() if self.card else CardPage()
        if self.card:
            raise BadRequestError("card_token must not be combined with card", field="card_token")
        return parse_card_token(self.card_token)


class CaptureBody(Body):
    """A capture request. Unknown fields are rejected, because a misspelt field could cost money."""

    model_config = ConfigDict(extra="forbid")
    MAY_BE_EMPTY = True

    amount: int | None = Field(
        default=None,
        description="If present, it must be the full amount of the payment",
        json_schema_extra={"minimum": 1, "maximum": MAX_AMOUNT},
    )

    @field_validator("amount")
    @classmethod
    def _amount_fits_a_row(cls, amount: int | None) -> int | None:
        """Limit the amount to a number that DynamoDB accepts (38 digits) and that no payment has."""
        return amount if amount is None else min(max(amount, 0), MAX_AMOUNT + 1)


class NewRefundBody(Body):
    """A create-refund request. Unknown fields are rejected, because a misspelt field could cost money."""

    model_config = ConfigDict(extra="forbid")

    amount: int = Field(ge=MIN_REFUND, le=MAX_AMOUNT, description="In minor units, such as paise")
    reason: Annotated[str | None, AfterValidator(_without_card_number)] = Field(
        default=None, max_length=MAX_REASON_CHARS
    )


class NewSessionBody(Body):
    """A sign-in request."""

    email: Text
    password: str = Field(min_length=1, max_length=MAX_PASSWORD_CHARS, repr=False)


class ChangePasswordBody(Body):
    """A change-password request."""

    current_password: str = Field(min_length=1, max_length=MAX_PASSWORD_CHARS, repr=False)
    new_password: str = Field(
        max_length=MAX_PASSWORD_CHARS, repr=False, json_schema_extra={"minLength": MIN_PASSWORD_CHARS}
    )

    @field_validator("new_password")
    @classmethod
    def _new_password_is_long_enough(cls, new_password: str) -> str:
        if len(new_password) < MIN_PASSWORD_CHARS:
            raise invalid(f"must be at least {MIN_PASSWORD_CHARS} characters")
        return new_password


class ReturnOriginsBody(Body):
    """The origins to which buyers may return. Replaces the earlier ones."""

    origins: list[Annotated[str, AfterValidator(_without_card_number)]] = Field(
        max_length=MAX_RETURN_ORIGINS, description="Scheme, host and port, such as https://shop.example"
    )


class RotateApiSecretBody(Body):
    """A rotate-API-secret request. Unknown fields are rejected."""

    MAY_BE_EMPTY = True
    model_config = ConfigDict(extra="forbid")

    overlap_hours: int = Field(
        default=DEFAULT_OVERLAP_HOURS,
        ge=0,
        le=MAX_OVERLAP_HOURS,
        description="How long the secret that your servers use stays valid. 0 ends it",
    )
    replaces: Fingerprint | None = Field(
        default=None,
        description="The fingerprint of the secret that ends. Required if two secrets are valid, and without "
        "an overlap",
    )


class TimeZoneBody(Body):
    """The time zone in which the merchant reads times and days."""

    time_zone: str = Field(description="An IANA name, such as Asia/Kolkata")

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, name: str) -> str:
        try:
            time_zone(name)
        except ValueError:
            raise invalid("must be an IANA time zone, such as Asia/Kolkata") from None
        return name


class WebhookConfigBody(Body):
    """A webhook configuration request."""

    webhook_url: str | None = Field(
        description="An https:// URL. Local stages also accept http://. Null disables webhooks",
        json_schema_extra={"maxLength": MAX_URL_CHARS, "pattern": _URL_PATTERN},
    )


class NewWebhookEndpointBody(Body):
    """A create-webhook-endpoint request. Unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        description="An https:// URL. Local stages also accept http://",
        json_schema_extra={"maxLength": MAX_URL_CHARS, "pattern": _URL_PATTERN},
    )
    events: Events = Field(default_factory=lambda: [ALL_EVENTS])
    payload: PayloadFormat = Field(
        default=PayloadFormat.FULL, description="`full` objects, or `thin`: only their ids"
    )
    description: Description = None
    status: EndpointStatus = EndpointStatus.ENABLED


class ChangeWebhookEndpointBody(Body):
    """A change-webhook-endpoint request: the fields to change. Unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    url: str | None = Field(
        default=None,
        description="An https:// URL. Local stages also accept http://. Only `default` accepts null",
        json_schema_extra={"maxLength": MAX_URL_CHARS, "pattern": _URL_PATTERN},
    )
    # A factory, so that the schema shows no default: an absent field is not changed.
    events: Events = Field(default_factory=list)
    payload: PayloadFormat = Field(default_factory=lambda: PayloadFormat.FULL)
    description: Description = None
    status: EndpointStatus = Field(default_factory=lambda: EndpointStatus.ENABLED)


class TestWebhookEndpointBody(Body):
    """A send-test-event request."""

    MAY_BE_EMPTY = True

    event: EventName = Field(default=EventName.WEBHOOK_TEST, description="The type of the sample event")


class ReceiverCheckBody(Body):
    """A request to check a receiver. ``signature`` is the one that the receiver verifies."""

    check: CheckName
    signature: Scheme = Field(default_factory=lambda: Scheme.STANDARD)


class ReplayWebhooksBody(Body):
    """A replay request. Unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[datetime, Moment()] = Field(description="Replay webhooks created at or after this time")
    until: Annotated[datetime, Moment()] | None = Field(
        default=None, description="Replay webhooks created before this time. The default is now"
    )
    status: ReplayedStatus = Field(
        default=ReplayedStatus.FAILED, description="`failed` webhooks only, or `all`"
    )
    cursor: str | None = Field(
        default=None,
        description="The `next_cursor` of the previous response",
        json_schema_extra={"maxLength": MAX_CURSOR_CHARS},
    )


def _json(value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise invalid("must contain only finite numbers") from error


def _duration(text: object) -> timedelta:
    try:
        return parse_duration(text if isinstance(text, str) else "")
    except ValueError as error:
        raise invalid(str(error)) from None


class AdvanceClockBody(Body):
    """An advance-clock request: ``advance`` or ``to``."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["advance"]}, {"required": ["to"]}]})

    advance: (
        Annotated[
            timedelta,
            BeforeValidator(_duration),
            WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["2h36m"]}),
        ]
        | None
    ) = Field(default=None, description="How far to move the clock: days, hours, minutes and seconds")
    to: Annotated[datetime, Moment()] | None = Field(
        default=None,
        description=f"The time to move the clock to, at most {MAX_AHEAD.days} days ahead of the real time",
    )

    @property
    def target(self) -> datetime | timedelta:
        """The time or the distance. Raises BadRequestError unless there is exactly one."""
        targets = [one for one in (self.advance, self.to) if one is not None]
        if len(targets) != 1:
            raise BadRequestError("Specify either advance or to", field="advance")
        return targets[0]
