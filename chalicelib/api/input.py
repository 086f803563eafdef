"""What routes take from a request: its JSON body or its query string, as a model.

Bodies are strict about types and ignore unknown fields; no error repeats a value.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from chalice.app import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.api.errors import bad_request_of
from chalicelib.domain.errors import BadRequestError

MAX_BODY_BYTES = 64 * 1024


class Input(BaseModel):
    """What a route takes."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    TEXTS: ClassVar[Mapping[str, str]] = {}
    """What is said of a field that is missing, too small or of the wrong type, where the contract says it."""

    @classmethod
    @abstractmethod
    def of(cls, request: Request) -> Self:
        """What ``request`` brought; raises BadRequestError naming what is wrong."""


class Body(Input):
    """A request's JSON body. ``MAY_BE_EMPTY``: none at all stands for an empty object."""

    model_config = ConfigDict(strict=True)

    MAY_BE_EMPTY: ClassVar[bool] = False

    @classmethod
    def of(cls, request: Request) -> Self:
        """The body as this model; raises BadRequestError naming what is wrong."""
        raw = request.raw_body
        if cls.MAY_BE_EMPTY and not raw:
            return cls()
        if len(raw) > MAX_BODY_BYTES:
            raise BadRequestError(f"The body must be at most {MAX_BODY_BYTES} bytes")
        if not _is_json(request.headers.get("content-type", "application/json")):
            raise BadRequestError("Content-Type must be application/json", field="Content-Type")
        try:
            return cls.model_validate_json(raw)
        except ValidationError as error:
            raise bad_request_of(error, cls.TEXTS) from None  # the cause holds the input


class Query(Input):
    """The parameters of a query string. Of one that came twice the last counts; unknown ones are ignored."""

    @classmethod
    def names(cls) -> list[str]:
        """What the parameters are called in the query string."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def of(cls, request: Request) -> Self:
        """The parameters as this model; raises BadRequestError naming what is wrong."""
        given: Mapping[str, str] = request.query_params or {}
        try:
            return cls.model_validate({name: given[name] for name in cls.names() if name in given})
        except ValidationError as error:
            raise bad_request_of(error, cls.TEXTS) from None


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
