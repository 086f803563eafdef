"""The route of the OpenAPI document."""

from collections.abc import Sequence
from functools import cache

from pydantic import ConfigDict

from chalicelib.api.call import Call
from chalicelib.api.openapi.document import describe
from chalicelib.api.responses.view import View
from chalicelib.api.route import Route


class OpenApiView(View):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


def get_openapi(call: Call) -> OpenApiView:
    """Get this OpenAPI document."""
    return _document(call.routes)


@cache
def _document(routes: Sequence[Route]) -> OpenApiView:
    """Generated at the first request, once per process."""
    return OpenApiView.model_validate(describe(routes))


ROUTES = [Route("GET", "/api/v1/openapi.json", get_openapi, public=True)]
