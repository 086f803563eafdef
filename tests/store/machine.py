"""How the state machines are run, and what they see of a table's changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from pynamodb.models import Model

from chalicelib.relay import Change, Debt, Relay
from chalicelib.settings import TableNames
from chalicelib.store.tables import TABLES
from tests.store.stores import Stores

STEPS = 30
SHARE = 20  # one story has as many requests as dozens of ordinary examples; the profile "long" runs more


def play(machine: Callable[[], RuleBasedStateMachine]) -> None:
    """Run many stories; how many, the profile says."""
    examples = max(1, settings().max_examples // SHARE)
    made: Any = machine  # declared as a class; called, and nothing else
    run_state_machine_as_test(made, settings=settings(max_examples=examples, stateful_step_count=STEPS))


@dataclass
class Watch:
    """What the relay makes of each change of one row."""

    stores: Stores
    model: type[Model]
    row_id: str
    image: dict[str, Any] | None = None

    def change(self) -> Debt | None:
        """What changed since this was asked last owes; None when nothing changed."""
        before, self.image = self.image, self._read()
        if before == self.image:
            return None
        return relay().read(
            Change(id="change", table=self.model.Meta.table_name, before=before, after=self.image)
        )

    def _read(self) -> dict[str, Any] | None:
        table = self.stores.row(self.model).Meta.table_name
        key = {"id": {"S": self.row_id}}
        item: dict[str, Any] | None = self.stores.client.get_item(TableName=table, Key=key).get("Item")
        return item


def relay() -> Relay:
    """One that reads and pays nothing."""
    nobody: Any = None
    names = {row.Meta.table_name: row.Meta.table_name for row in TABLES}
    return Relay(
        tables=TableNames(**names),
        merchants=nobody,
        logs=nobody,
        counters=nobody,
        queues=nobody,
        clock=nobody,
    )
