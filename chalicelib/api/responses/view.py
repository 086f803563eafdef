"""The base classes of response bodies and of lists."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny


class View(BaseModel):
    """A response body, JSON by default. The OpenAPI document contains its docstring."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)
    STATUS: ClassVar[int] = 200
    CONTENT_TYPE: ClassVar[str] = "application/json"

    def render(self) -> str:
        """The body as text."""
        return self.model_dump_json()


Shown = TypeVar("Shown")
IfAny = Annotated[Shown | None, Field(exclude_if=lambda value: value is None)]
"""A field that is absent if it is None."""

Line = TypeVar("Line", bound=View)


class ListView(View, Generic[Line]):
    """A page of a list, newest first. ``next_cursor`` is null on the last page.

    ``total`` is null for queries by time, order, payment or endpoint, for which items are not counted. A long
    list is not counted to its end: with ``total_is_minimum``, it has at least ``total`` items.
    """

    data: Sequence[SerializeAsAny[Line]]
    total: int | None
    total_is_minimum: bool
    limit: int
    offset: int
    next_cursor: str | None
