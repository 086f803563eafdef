"""Printed text in the encoding of whatever it is printed to."""

import codecs
import sys
from io import TextIOWrapper

_PLAIN = {"✓": "ok", "✗": "x", "…": "...", "→": "->", "—": "-", "–": "-", "’": "'", "“": '"', "”": '"'}  # noqa: RUF001


def fit_any_encoding() -> None:
    """From now on a character that the encoding of a standard stream lacks is printed as plain text."""
    codecs.register_error("plain", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each) or _escaped(each) for each in lacking), error.end


def _escaped(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()
