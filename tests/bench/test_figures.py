import json

from tests.bench.figures import Figure, table
from tests.bench.interleaved import medians


def test_a_figure_is_one_json_object_with_rounded_numbers() -> None:
    figure = Figure(metric="import", value=123.456, unit="ms", baseline=370.37)
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
        Figure(metric="import", value=1234.5, unit="ms", baseline=4000, goal_ratio=3.5),
        Figure(metric="modules", value=7, unit="modules"),
    ]
    assert table(figures).splitlines() == [
        "| metric  | value | unit    | baseline | ratio | goal         |         |",
        "|---------|-------|---------|----------|-------|--------------|---------|",
        "| import  | 1,234 | ms      | 4,000    | 3.24  | ratio >= 3.5 | not met |",
        "| modules | 7     | modules | -        | -     | -            |         |",
    ]


def test_a_larger_rate_and_a_smaller_time_are_better() -> None:
    rate = Figure(metric="payments", value=60, unit="payments/s", baseline=30, is_rate=True, goal=60)
    time = Figure(metric="page", value=60, unit="ms", baseline=30, goal=59)
    assert (rate.ratio, rate.goal_text, rate.met) == (2.0, ">= 60", True)
    assert (time.ratio, time.goal_text, time.met) == (0.5, "<= 59", False)


def test_interleaved_rounds_alternate_the_order_of_the_sides() -> None:
    calls: list[str] = []
    results = {"first": [3.0, 1.0, 2.0], "second": [30.0, 10.0, 20.0]}

    def side(name: str) -> float:
        calls.append(name)
        return results[name].pop(0)

    assert medians(lambda: side("first"), lambda: side("second"), rounds=3) == (2.0, 20.0)
    assert calls == ["first", "second", "second", "first", "first", "second"]
