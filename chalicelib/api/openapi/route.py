"""``/openapi.json``."""

from functools import cache

from pydantic import ConfigDict

from chalicelib.api.call import Call
from chalicelib.api.openapi.document import describe
from chalicelib.api.responses.view import View
from chalicelib.api.routing import Router


class OpenApiView(View):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


def add_routes(routes: Router) -> None:
    """Register the address of the document. It is made at the first request, once all routes are known."""

    @cache
    def document() -> OpenApiView:
        return OpenApiView.model_validate(describe(routes.endpoints))

    def get_openapi(_call: Call) -> OpenApiView:
        """Describe this API: the document you read."""
        return document()

    routes.get("/api/v1/openapi.json", returns=OpenApiView, public=True)(get_openapi)
