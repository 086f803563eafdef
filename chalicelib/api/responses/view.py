"""What every response body is, and every list."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny


class View(BaseModel):
    """A response's JSON body. Its docstring is told in the API's description."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)
    STATUS: ClassVar[int] = 200

    def render(self) -> str:
        """The text of the body."""
        return self.model_dump_json()


Shown = TypeVar("Shown")
IfAny = Annotated[Shown | None, Field(exclude_if=lambda value: value is None)]
"""A field that is left out where it is null, instead of shown as that; in lists too."""

Line = TypeVar("Line", bound=View)


class ListView(View, Generic[Line]):
    """A page of a list, newest first, and how to get the next one.

    ``total`` is null for a span of time, an order or a payment: these are not counted.
    """

    data: Sequence[SerializeAsAny[Line]]
    total: int | None
    limit: int
    offset: int
    next_cursor: str | None
