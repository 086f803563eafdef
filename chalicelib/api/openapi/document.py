"""The whole document, and each of its operations."""

import inspect
import re
from collections.abc import Sequence

from pydantic import TypeAdapter

from chalicelib.api.endpoint import Endpoint
from chalicelib.api.fields import PATH_IDS
from chalicelib.api.input import Body
from chalicelib.api.openapi.answers import answers, shared_answers
from chalicelib.api.openapi.schemas import Json, Schemas
from chalicelib.domain.idempotency import MAX_KEY_CHARS

INFO = {
    "title": "Payment gateway",
    "version": "1.0.0",
    "description": "Orders, payments by UPI and card, captures, refunds, and signed webhooks about them. "
    "Amounts are integers in minor units of the currency; times are ISO 8601 in UTC. "
    "Every error has the body `Error`; a method that an address does not have is refused: 405 with `Allow`. "
    "`HEAD` is answered wherever `GET` is, without a body.",
}
SERVERS = [
    {"url": "http://localhost:8000", "description": "On one machine"},
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com/gateway",
        "description": "On AWS",
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
    "description": "Within 24 h, a request with the same key does nothing and gets the same answer",
    "schema": {"type": "string", "maxLength": MAX_KEY_CHARS, "pattern": "^[ -~]*$"},
}


def describe(endpoints: Sequence[Endpoint]) -> Json:
    """The document of these routes."""
    schemas = Schemas(endpoints)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.1",
        "info": INFO,
        "servers": SERVERS,
        "security": [KEY_PAIR, SESSION],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": shared_answers(schemas),
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _operation(endpoint: Endpoint, schemas: Schemas) -> Json:
    summary, _, description = (inspect.getdoc(endpoint.view) or "").partition("\n")
    operation: Json = {
        "operationId": endpoint.view.__name__,
        "tags": [endpoint.view.__module__.rpartition(".")[2]],
        "summary": summary.rstrip("."),
        "description": " ".join(description.split()),
        "parameters": [
            *_path_parameters(endpoint.path),
            *schemas.query_parameters(endpoint.takes),
            *([IDEMPOTENCY_KEY] if endpoint.once else []),
        ],
        "requestBody": _request_body(endpoint, schemas),
        "responses": answers(endpoint, schemas),
    }
    return {name: value for name, value in operation.items() if value} | _security(endpoint)


def _security(endpoint: Endpoint) -> Json:
    """What differs from the document's own."""
    if endpoint.public:
        return {"security": []}
    return {"security": [SESSION]} if endpoint.session_only else {}


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": TypeAdapter(PATH_IDS[name]).json_schema()}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _request_body(endpoint: Endpoint, schemas: Schemas) -> Json | None:
    body = endpoint.takes
    if body is None or not issubclass(body, Body):
        return None
    content = {"application/json": {"schema": schemas.reference(body)}}
    return {"required": not body.MAY_BE_EMPTY, "content": content}
