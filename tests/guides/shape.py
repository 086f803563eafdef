"""Compares an output in a document with the real output, except for values that differ in each run."""

import json
import re
from typing import Any

_KINDS = {
    r"\b(order|pay|rfnd|sim)_(?:…|[A-Za-z0-9]{16}\b)": r"<\1>",
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "<uuid>",
    r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z": "<time>",
    r"\bwhsec_[A-Za-z0-9+/]{32}": "<secret>",
    r"\bsecret_[\w-]{40}": "<secret>",
    r"\bkey_[\w-]{16}": "<key>",
    r"\b\d\d:\d\d:\d\d\b": "<clock>",
    r" *\b\d+\.\d s\b": " <duration>",
}
_MEASURED = frozenset({"timestamp", "latency_ms", "next_cursor", "ahead_s"})


def require_same(shown: str, actual: str, language: str) -> None:
    """AssertionError unless ``actual`` has the shape of ``shown``, as JSON or as text."""
    if language == "json":
        is_same = json_shape(json.loads(actual)) == json_shape(json.loads(shown))
    else:
        is_same = bool(_pattern(shown).search(text_shape(actual)))
    assert is_same, f"the document shows\n{shown}\nbut the actual output is\n{actual}"


def json_shape(value: Any, key: str = "") -> Any:
    """``value``, with values that differ in each run replaced by their kind."""
    if key in _MEASURED:
        return type(value).__name__
    if isinstance(value, dict):
        return {name: json_shape(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [json_shape(part) for part in value]
    return text_shape(value) if isinstance(value, str) else value


def text_shape(text: str) -> str:
    """The same for text."""
    for pattern, kind in _KINDS.items():
        text = re.sub(pattern, kind, text)
    return text


def _pattern(shown: str) -> re.Pattern[str]:
    """A pattern for the lines of ``shown`` in a text.

    ``…`` matches any text within a line; a line that contains only ``…`` matches any number of lines.
    """
    return re.compile("".join(_line_pattern(line) for line in text_shape(shown).strip("\n").split("\n")))


def _line_pattern(line: str) -> str:
    if line.strip() == "…":
        return "(?:.*\n)*?"
    return ".*" + re.escape(line.rstrip()).replace("…", ".*") + " *\n"
