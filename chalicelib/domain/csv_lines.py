"""CSV for spreadsheets: RFC 4180, one line for each row, and no cell that a spreadsheet runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The first characters of formulas, as OWASP lists them. The last four are the full-width ones."""

_BREAK = re.compile(r"\r\n|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
"""Line breaks and other control characters, without the tab."""


def text_cell(text: str | None) -> str:
    """The cell of a text that others wrote; empty for None.

    Line breaks become spaces. A text that a spreadsheet could run as a formula gets a leading apostrophe.
    """
    line = _BREAK.sub(" ", text or "")
    is_formula = (text or "").startswith(_FORMULA_STARTS) or line.lstrip().startswith(_FORMULA_STARTS)
    return f"'{line}" if is_formula else line


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """The lines of ``rows``, each with CRLF. A cell is quoted if it needs to be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
