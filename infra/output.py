"""Fallback characters for terminals and files with a limited encoding."""

import codecs
import sys
from io import TextIOWrapper

_PLAIN = {"✓": "ok", "✗": "x", "…": "...", "→": "->", "—": "-", "–": "-", "’": "'", "“": '"', "”": '"'}  # noqa: RUF001


def fit_any_encoding() -> None:
    """Make stdout and stderr replace characters that their encoding does not support."""
    codecs.register_error("plain", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unsupported = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each) or _escaped(each) for each in unsupported), error.end


def _escaped(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()
