"""The OpenAPI document and its operations."""

import inspect
import re
from collections.abc import Sequence

from pydantic import TypeAdapter

from chalicelib.api.fields import PATH_IDS
from chalicelib.api.input import Body
from chalicelib.api.openapi.responses import responses, shared_responses
from chalicelib.api.openapi.schemas import Json, Schemas
from chalicelib.api.responses.page import PageView
from chalicelib.api.route import Route
from chalicelib.domain.idempotency import MAX_KEY_CHARS

INFO = {
    "title": "Payment gateway",
    "version": "1.0.0",
    "description": "Orders, payments by UPI and card, captures, refunds, and signed webhooks. "
    "Amounts are integers in minor units of the currency. Times are ISO 8601 in UTC. "
    "Every error has the body `Error`. A method that a path does not support returns 405 with `Allow`. "
    "Every `GET` route also supports `HEAD`, without a response body.",
}
SERVERS = [
    {"url": "http://localhost:8000", "description": "Local server"},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/gateway",
        "description": "AWS",
        "variables": {"api": {"default": "api-id"}, "region": {"default": "us-east-1"}},
    },
]
SECURITY_SCHEMES = {
    "ApiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "ApiSecret": {"type": "apiKey", "in": "header", "name": "X-Api-Secret"},
    "Session": {"type": "http", "scheme": "bearer", "description": "The token of `POST /api/v1/sessions`"},
}
KEY_PAIR: Json = {"ApiKey": [], "ApiSecret": []}
SESSION: Json = {"Session": []}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Within 24 h, a request with the same key has no effect and returns the same response",
    "schema": {"type": "string", "maxLength": MAX_KEY_CHARS, "pattern": "^[ -~]*$"},
}


def describe(routes: Sequence[Route]) -> Json:
    """The document of ``routes``, without pages."""
    routes = [route for route in routes if not issubclass(route.returns, PageView)]
    schemas = Schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.1",
        "info": INFO,
        "servers": SERVERS,
        "security": [KEY_PAIR, SESSION],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": shared_responses(schemas),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _operation(route: Route, schemas: Schemas) -> Json:
    summary, _, description = (inspect.getdoc(route.view) or "").partition("\n")
    operation: Json = {
        "operationId": route.view.__name__,
        "tags": [route.view.__module__.rpartition(".")[2]],
        "summary": summary.rstrip("."),
        "description": " ".join(description.split()),
        "parameters": [
            *_path_parameters(route.path),
            *schemas.query_parameters(route.takes),
            *([IDEMPOTENCY_KEY] if route.idempotent else []),
        ],
        "requestBody": _request_body(route, schemas),
        "responses": responses(route, schemas),
    }
    return {name: value for name, value in operation.items() if value} | _security(route)


def _security(route: Route) -> Json:
    """The security requirement, if it differs from that of the document."""
    if route.public:
        return {"security": []}
    return {"security": [SESSION]} if route.session_only else {}


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": TypeAdapter(PATH_IDS[name]).json_schema()}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _request_body(route: Route, schemas: Schemas) -> Json | None:
    body = route.takes
    if body is None or not issubclass(body, Body):
        return None
    content = {"application/json": {"schema": schemas.reference(body)}}
    return {"required": not body.MAY_BE_EMPTY, "content": content}
