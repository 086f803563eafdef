"""Request bodies: strict about types, unknown fields ignored.

A card's number and CVV are kept out of ``repr``, and no error repeats a value.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator
from pydantic_core import PydanticCustomError

from chalicelib.domain.card import Card, parse_card
from chalicelib.domain.money import DEFAULT_CURRENCY, MAX_AMOUNT, MIN_AMOUNT
from chalicelib.domain.order import MAX_RECEIPT_CHARS
from chalicelib.domain.password import MAX_PASSWORD_CHARS
from chalicelib.domain.refund import MAX_REASON_CHARS, MIN_REFUND

MAX_NOTES_CHARS = 15_000  # as JSON; an order's row stays small
MAX_TEXT_CHARS = 255
_CURRENCY = re.compile(r"[A-Z]{3}")

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARS)]


def _as_text(value: object) -> object:
    """An integer's text; what is neither stays as it is, to be refused."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


TextOrInteger = Annotated[
    str, BeforeValidator(_as_text, json_schema_input_type=str | int), Field(max_length=MAX_TEXT_CHARS)
]


class Body(BaseModel):
    """A request's JSON body."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)

    TEXTS: ClassVar[Mapping[str, str]] = {}
    """What is said of a field that is missing, too small or of the wrong type, where the contract says it."""


class NewOrderBody(Body):
    """``POST /orders``."""

    TEXTS: ClassVar[Mapping[str, str]] = {"amount": f"amount must be at least {MIN_AMOUNT}"}

    amount: int = Field(ge=MIN_AMOUNT, le=MAX_AMOUNT, description="Minor units, such as paise")
    currency: str | None = Field(default=None, description=f"ISO 4217; {DEFAULT_CURRENCY} when absent")
    receipt: str | None = Field(default=None, max_length=MAX_RECEIPT_CHARS)
    notes: dict[str, JsonValue] | None = None

    @field_validator("currency")
    @classmethod
    def _currency_is_a_code(cls, currency: str | None) -> str | None:
        if currency is not None and not _CURRENCY.fullmatch(currency):
            raise _wrong("must be three capital letters, such as INR")
        return currency

    @field_validator("notes")
    @classmethod
    def _notes_are_small(cls, notes: dict[str, Any] | None) -> dict[str, Any] | None:
        if notes and len(_json(notes)) > MAX_NOTES_CHARS:
            raise _wrong(f"must be at most {MAX_NOTES_CHARS} characters of JSON")
        return notes


class CardBody(Body):
    """The card of ``POST /payments``. It lives as long as the request."""

    number: str = Field(repr=False)
    expiry_month: TextOrInteger
    expiry_year: TextOrInteger
    cvv: str = Field(repr=False)
    holder_name: Text

    def parse(self, now: datetime) -> Card:
        """The card; raises InvalidCardError or ExpiredCardError."""
        return parse_card(
            number=self.number,
            expiry_month=self.expiry_month,
            expiry_year=self.expiry_year,
            cvv=self.cvv,
            holder_name=self.holder_name,
            now=now,
        )


class NewPaymentBody(Body):
    """``POST /payments``. ``vpa`` goes with the method ``upi``, ``card`` with ``card``."""

    order_id: Text
    method: Text
    vpa: str | None = None
    card: CardBody | None = None


class CaptureBody(Body):
    """``POST /payments/{id}/capture``. A misspelt field could cost money, so unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    amount: int | None = Field(default=None, description="The payment's whole amount, when given")


class NewRefundBody(Body):
    """``POST /payments/{id}/refunds``. Unknown fields are refused, as for a capture."""

    model_config = ConfigDict(extra="forbid")

    amount: int = Field(ge=MIN_REFUND, le=MAX_AMOUNT, description="Minor units, such as paise")
    reason: str | None = Field(default=None, max_length=MAX_REASON_CHARS)


class NewSessionBody(Body):
    """``POST /sessions``."""

    email: Text
    password: str = Field(min_length=1, max_length=MAX_PASSWORD_CHARS, repr=False)


class WebhookConfigBody(Body):
    """``PUT /webhooks/config``. null: no webhooks."""

    webhook_url: str | None


def _json(value: Any) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise _wrong("must hold finite numbers only") from error


def _wrong(what: str) -> PydanticCustomError:
    return PydanticCustomError("value_error", "{error}", {"error": what})
