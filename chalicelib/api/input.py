"""The input of a route: the JSON body or the query string of a request, as a model.

Bodies are strict about types and ignore unknown fields. Errors do not contain values.
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
    """The input of a route."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, defer_build=True)

    TEXTS: ClassVar[Mapping[str, str]] = {}
    """The contract's descriptions, by field, for fields that are missing, too small or of the wrong type."""

    @classmethod
    @abstractmethod
    def of(cls, request: Request) -> Self:
        """The input of ``request``. Raises BadRequestError with the reason."""


class Body(Input):
    """A JSON body. ``MAY_BE_EMPTY``: an absent body is an empty object."""

    model_config = ConfigDict(strict=True)

    MAY_BE_EMPTY: ClassVar[bool] = False

    @classmethod
    def of(cls, request: Request) -> Self:
        """The body as this model. Raises BadRequestError with the reason."""
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
            raise bad_request_of(error, cls.TEXTS) from None  # the cause contains the input


class Query(Input):
    """A query string. The last value of a repeated parameter is used. Unknown parameters are ignored."""

    @classmethod
    def names(cls) -> list[str]:
        """The names of the parameters in the query string."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def of(cls, request: Request) -> Self:
        """The parameters as this model. Raises BadRequestError with the reason."""
        parameters: Mapping[str, str] = request.query_params or {}
        try:
            return cls.model_validate({name: parameters[name] for name in cls.names() if name in parameters})
        except ValidationError as error:
            raise bad_request_of(error, cls.TEXTS) from None


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
