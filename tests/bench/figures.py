"""A figure of a benchmark, as a JSON line and as a row of a table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

_MISSING = "-"
_COLUMNS = ("metric", "value", "unit", "baseline", "ratio", "goal", "")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured or counted value. A smaller one is better, unless ``is_rate``.

    ``baseline``: the value of the other side, measured in the same run. ``goal``: the limit of the value.
    ``goal_ratio``: the least ratio.
    """

    metric: str
    value: float
    unit: str
    baseline: float | None = None
    is_rate: bool = False
    goal: float | None = None
    goal_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better than the baseline: a larger number is always better. None without one."""
        better, worse = (self.value, self.baseline) if self.is_rate else (self.baseline, self.value)
        return better / worse if better and worse else None

    @property
    def goal_text(self) -> str | None:
        """The goal, for example "ratio >= 3.5"."""
        if self.goal_ratio is not None:
            return f"ratio >= {self.goal_ratio:g}"
        return None if self.goal is None else f"{'>=' if self.is_rate else '<='} {self.goal:,}"

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached. None without a goal."""
        if self.goal_ratio is not None:
            return self.ratio is not None and self.ratio >= self.goal_ratio
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_rate else self.value <= self.goal

    def json_line(self) -> str:
        """One JSON object without a line break."""
        shown = {
            "metric": self.metric,
            "value": self.value,
            "unit": self.unit,
            "baseline": self.baseline,
            "ratio": self.ratio,
            "goal": self.goal_text,
            "met": self.met,
        }
        return json.dumps({name: _rounded(value) for name, value in shown.items()})


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
        figure.goal_text or _MISSING,
        verdict,
    )


def _text(value: float | None) -> str:
    if value is None:
        return _MISSING
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value
