"""What every response body is, and every list."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SerializeAsAny


class View(BaseModel):
    """A response's JSON body. ``OMITS_NULLS``: what is null is left out instead of shown.

    Its docstring is told in the API's description.
    """

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)
    OMITS_NULLS: ClassVar[bool] = False
    STATUS: ClassVar[int] = 200

    def render(self) -> str:
        """The text of the body."""
        return self.model_dump_json(exclude_none=self.OMITS_NULLS)


Line = TypeVar("Line", bound=View)


class ListView(View, Generic[Line]):
    """A page of a list, newest first, and how to get the next one."""

    data: Sequence[SerializeAsAny[Line]]
    total: int
    limit: int
    offset: int
    next_cursor: str | None
