"""The card in a request body. ``repr`` does not contain the number and the CVV."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from chalicelib.api.fields import MAX_TEXT_CHARS, Text
from chalicelib.api.input import Body
from chalicelib.domain.methods.card import Card, parse_card


def _as_text(value: object) -> object:
    """``value`` as text if it is an integer. Other values are returned unchanged and fail the validation."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_TextOrInteger = Annotated[str, Field(max_length=MAX_TEXT_CHARS), BeforeValidator(_as_text)]
Month = Annotated[
    _TextOrInteger,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^(0?[1-9]|1[0-2])$"},
                {"type": "integer", "minimum": 1, "maximum": 12},
            ]
        }
    ),
]
Year = Annotated[
    _TextOrInteger,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^([0-9]{2}|[0-9]{4})$"},
                {"type": "integer", "minimum": 10, "maximum": 9999},
            ],
            "description": "2 or 4 digits. A card is valid until the end of its expiry month",
        }
    ),
]


class CardBody(Body):
    """A card. Its number and CVV are never stored."""

    number: str = Field(
        repr=False,
        description="13 to 19 digits that pass the Luhn check. Spaces and dashes are removed",
        json_schema_extra={"pattern": "^[ -]*([0-9][ -]*){13,19}$"},
    )
    expiry_month: Month
    expiry_year: Year
    cvv: str = Field(repr=False, json_schema_extra={"pattern": "^[0-9]{3,4}$"})
    holder_name: Text

    def parse(self) -> Card:
        """The valid card. Raises the errors of ``parse_card``."""
        return parse_card(
            number=self.number,
            expiry_month=self.expiry_month,
            expiry_year=self.expiry_year,
            cvv=self.cvv,
            holder_name=self.holder_name,
        )
