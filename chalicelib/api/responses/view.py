"""The base classes of response bodies and of lists."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from chalicelib.api.fields import Timestamp


class View(BaseModel):
    """A response body, JSON by default. The OpenAPI document contains its docstring."""

    # ``LOGGED_ID`` is the name in the log of the field ``id``: that of the object that the response shows.

    model_config = ConfigDict(frozen=True, defer_build=True, json_schema_serialization_defaults_required=True)
    STATUS: ClassVar[int] = 200
    CONTENT_TYPE: ClassVar[str] = "application/json"
    LOGGED_ID: ClassVar[str] = ""
    HEADERS: ClassVar[Mapping[str, Any]] = {}  # of the OpenAPI document, by name

    @property
    def http_status(self) -> int:
        """The HTTP status of this response."""
        return self.STATUS

    @property
    def http_headers(self) -> Mapping[str, str]:
        """The headers in addition to those of every response."""
        return {}

    def render(self) -> str:
        """The body as text."""
        return self.model_dump_json()


Shown = TypeVar("Shown")
IfAny = Annotated[Shown | None, Field(exclude_if=lambda value: value is None)]
"""A field that is absent if it is None."""

Line = TypeVar("Line", bound=View)


class ListView(View, Generic[Line]):
    """A page of a list, newest first. ``next_cursor`` is null on the last page.

    ``total`` is null for queries by time and by filters other than ``status``, ``method`` and ``event``, for
    which items are not counted. A long list is not counted to its end: with ``total_is_minimum``, it has at
    least ``total`` items.

    ``searched_until`` is present if the page ended before ``limit`` matches were found: it contains the
    matches among the items that were created after this time.
    """

    data: Sequence[SerializeAsAny[Line]]
    total: int | None
    total_is_minimum: bool
    limit: int
    offset: int
    next_cursor: str | None
    searched_until: IfAny[Timestamp] = None
