import json

from tests.bench.figures import Figure, table
from tests.bench.interleaved import medians


def test_a_figure_is_one_json_object_with_rounded_numbers() -> None:
    figure = Figure(metric="import", value=123.456, unit="ms", baseline=370.37, ratio=2.99999)
    line = figure.json_line()
    assert "\n" not in line
    assert json.loads(line) == {
        "metric": "import",
        "value": 123.5,
        "unit": "ms",
        "baseline": 370.4,
        "ratio": 3.0,
        "goal": None,
        "met": None,
    }


def test_the_table_shows_goals_beside_figures() -> None:
    figures = [
        Figure(
            metric="import", value=1234.5, unit="ms", baseline=4000, ratio=3.24, goal="3.5 times", met=False
        ),
        Figure(metric="modules", value=7, unit="modules"),
    ]
    assert table(figures).splitlines() == [
        "| metric  | value | unit    | baseline | ratio | goal      |         |",
        "|---------|-------|---------|----------|-------|-----------|---------|",
        "| import  | 1,234 | ms      | 4,000    | 3.24  | 3.5 times | not met |",
        "| modules | 7     | modules | -        | -     | -         |         |",
    ]


def test_interleaved_rounds_alternate_the_order_of_the_sides() -> None:
    calls: list[str] = []
    results = {"first": [3.0, 1.0, 2.0], "second": [30.0, 10.0, 20.0]}

    def side(name: str) -> float:
        calls.append(name)
        return results[name].pop(0)

    assert medians(lambda: side("first"), lambda: side("second"), rounds=3) == (2.0, 20.0)
    assert calls == ["first", "second", "second", "first", "first", "second"]
