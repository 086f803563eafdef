"""The counters, compared with a count of the rows."""

from collections import Counter, defaultdict
from typing import Any

from tests.simulation.world import World

ALL_MERCHANTS = "*"
_MARKS = "counted#"


def counters_equal_the_rows(world: World) -> None:
    """The counters are exact, although streams redeliver changes, in halves and in any order."""
    counters: dict[tuple[str, str], int] = {
        (row["owner"], row["name"]): row["value"]
        for row in world.rows("stats")
        if not row["owner"].startswith(_MARKS) and row["value"]
    }
    expected = _count(world)
    wrong = {
        key: (counters.get(key, 0), expected.get(key, 0))
        for key in {*counters, *expected}
        if counters.get(key, 0) != expected.get(key, 0)
    }
    assert not wrong, f"counted, and expected: {wrong}"


def _count(world: World) -> dict[tuple[str, str], int]:
    counted: Counter[tuple[str, str]] = Counter()
    for table in ("orders", "payments", "refunds", "webhook_logs"):
        for row in world.rows(table):
            for name, value in _names(table, row).items():
                counted[row["merchant_id"], name] += value
                if name.startswith("total#"):
                    counted[ALL_MERCHANTS, name] += value
    return dict(counted)


def _names(table: str, row: dict[str, Any]) -> dict[str, int]:
    match table:
        case "orders":
            return {"total#orders": 1}
        case "refunds":
            return {f"total#refunds#{row['status']}": 1}
        case "webhook_logs":
            return {f"total#webhooks#{row['event']}#{row['status']}": 1}
    names: dict[str, int] = defaultdict(int)
    method, status, currency = row["method"], row["status"], row["currency"]
    day = f"day#{row['created_at'][:10]}#{currency}#{method}"
    names[f"total#payments#{method}#{status}"] = names[f"{day}#{status}"] = 1
    if status == "success":
        names[f"total#volume#{currency}#{method}"] = names[f"{day}#volume"] = row["amount"]
    return names
