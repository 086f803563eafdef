"""A figure of a benchmark, as a JSON line and as a row of a table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_MISSING = "-"
_COLUMNS = ("metric", "value", "unit", "baseline", "ratio", "goal", "")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured or counted value.

    ``baseline``: the value of the other side, measured in the same run. ``ratio``: how many times better than
    the baseline, so that a larger number is always better; None without a baseline. ``goal``: for example
    "ratio >= 3.5". ``met``: whether the goal is reached; None without a goal.
    """

    metric: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None

    def json_line(self) -> str:
        """One JSON object without a line break."""
        return json.dumps({name: _rounded(value) for name, value in asdict(self).items()})


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table, with aligned columns."""
    rows = [_COLUMNS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    separator = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], separator, *lines[1:]])


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = {True: "met", False: "not met", None: ""}[figure.met]
    return (
        figure.metric,
        _text(figure.value),
        figure.unit,
        _text(figure.baseline),
        _MISSING if figure.ratio is None else f"{figure.ratio:.2f}",
        figure.goal or _MISSING,
        verdict,
    )


def _text(value: float | None) -> str:
    if value is None:
        return _MISSING
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value
