"""JSON schemas of bodies and query strings, generated from their models."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from chalicelib.api.input import Input, Query
from chalicelib.api.responses.error import ErrorView
from chalicelib.api.responses.view import View
from chalicelib.api.route import Route

Json = dict[str, Any]
NULL = {"type": "null"}


class Schemas:
    """The schemas of all models that the routes accept or return."""

    def __init__(self, routes: Iterable[Route]) -> None:
        modes: dict[type[Input | View], JsonSchemaMode] = {ErrorView: "serialization"}
        for route in routes:
            modes[route.returns] = "serialization"
            if route.takes:
                modes[route.takes] = "validation"
        references, generated = models_json_schema(
            list(modes.items()), ref_template="#/components/schemas/{model}", schema_generator=_Generator
        )
        self._references = {model: reference for (model, _), reference in references.items()}
        self.components = {name: _polished(schema) for name, schema in generated["$defs"].items()}
        self._parameters: dict[type[Input] | None, list[Json]] = {
            model: _query_parameters(self.components.pop(model.__name__))
            for model in modes
            if issubclass(model, Query)
        }

    def reference(self, model: type[Input | View]) -> Json:
        """The reference to the schema of ``model``."""
        return self._references[model]

    def query_parameters(self, model: type[Input] | None) -> list[Json]:
        """The parameters of the query string ``model``. Empty if it is a body or None."""
        return self._parameters.get(model, [])


class _Generator(GenerateJsonSchema):
    """Generates schema names without ``View``, and no titles, which would repeat the names."""

    def normalize_name(self, name: str) -> str:
        return re.sub(r"View|\W", "", name.replace("ListView", "ListOf"))

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _polished(schema: Json) -> Json:
    """``schema`` with its description in Markdown and without its title."""
    polished = {name: value for name, value in schema.items() if name != "title"}
    if "description" in schema:
        polished["description"] = schema["description"].replace("``", "`")
    return polished


def _query_parameters(schema: Json) -> list[Json]:
    return [_query_parameter(name, dict(each)) for name, each in schema["properties"].items()]


def _query_parameter(name: str, schema: Json) -> Json:
    """The parameter, without null: a query string cannot contain null, so an optional parameter is absent."""
    parameter = {"name": name, "in": "query"}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    for choice in schema.pop("anyOf", []):
        if choice != NULL:
            schema.update(choice)
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**parameter, "schema": schema}
