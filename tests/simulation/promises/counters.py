"""The counters, compared with a count of the rows."""

from collections import Counter
from typing import Any

from chalicelib.services.job_status import JOBS
from tests.simulation.world import World


def counters_equal_the_rows(world: World) -> None:
    """The counters are exact, although the stream redelivers changes, in halves and in any batches."""
    counters: Counter[tuple[str, str]] = Counter()
    for row in world.rows("stats"):
        if row["owner"] != JOBS:
            counters[row["owner"], row["name"]] += row["value"]
            counters.update({(row["owner"], name): value for name, value in row.get("held", {}).items()})
    expected = _count(world)
    wrong = {
        key: (counters[key], expected[key])
        for key in {*counters, *expected}
        if counters[key] != expected[key]
    }
    assert not wrong, f"counted, and expected: {wrong}"


def _count(world: World) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for row in world.rows("payments"):
        for name, value in _names(row).items():
            counted[row["merchant_id"], name] += value
    for row in world.rows("events"):
        counted[row["merchant_id"], "total#events"] += 1
    return counted


def _names(row: dict[str, Any]) -> dict[str, int]:
    method, status, currency = row["method"], row["status"], row["currency"]
    day = f"day#{row['created_at'][:10]}#{currency}#{method}"
    names = {f"total#payments#{method}#{status}": 1, f"{day}#{status}": 1}
    if status == "success" and not row.get("voided_at"):
        names |= {f"total#volume#{currency}#{method}": row["amount"], f"{day}#volume": row["amount"]}
    return names
