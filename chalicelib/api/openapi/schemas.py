"""JSON schemas of bodies and query strings, from their models."""

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
    """The schemas of every model that some routes take or return."""

    def __init__(self, routes: Iterable[Route]) -> None:
        modes: dict[type[Input | View], JsonSchemaMode] = {ErrorView: "serialization"}
        for route in routes:
            modes[route.returns] = "serialization"
            if route.takes:
                modes[route.takes] = "validation"
        references, made = models_json_schema(
            list(modes.items()), ref_template="#/components/schemas/{model}", schema_generator=_Generator
        )
        self._references = {model: reference for (model, _), reference in references.items()}
        self.components = {name: _polished(schema) for name, schema in made["$defs"].items()}
        self._parameters: dict[type[Input] | None, list[Json]] = {
            model: _query_parameters(self.components.pop(model.__name__))
            for model in modes
            if issubclass(model, Query)
        }

    def reference(self, model: type[Input | View]) -> Json:
        """The schema of ``model``, by its name."""
        return self._references[model]

    def query_parameters(self, model: type[Input] | None) -> list[Json]:
        """The parameters of a query string; none for what is no query string."""
        return self._parameters.get(model, [])


class _Generator(GenerateJsonSchema):
    """Names schemas by what they are of, and titles none: a title would repeat the name."""

    def normalize_name(self, name: str) -> str:
        return re.sub(r"View|\W", "", name.replace("ListView", "ListOf"))

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _polished(schema: Json) -> Json:
    """Descriptions in Markdown, and no title."""
    polished = {name: value for name, value in schema.items() if name != "title"}
    if "description" in schema:
        polished["description"] = schema["description"].replace("``", "`")
    return polished


def _query_parameters(schema: Json) -> list[Json]:
    return [_query_parameter(name, dict(each)) for name, each in schema["properties"].items()]


def _query_parameter(name: str, schema: Json) -> Json:
    """Without null, for which a query string has no word: what would be null there is absent."""
    parameter = {"name": name, "in": "query"}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    for choice in schema.pop("anyOf", []):
        if choice != NULL:
            schema.update(choice)
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**parameter, "schema": schema}
