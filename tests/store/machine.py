"""Runs state machines, and reads the effects of a table's changes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from pynamodb.models import Model

from chalicelib.settings import TableNames
from chalicelib.store.tables import TABLES
from chalicelib.streams.effects import Effects, RowChange, effects_of
from tests.store.stores import Stores

TABLE_NAMES = TableNames(**{row.Meta.table_name: row.Meta.table_name for row in TABLES})
STEPS = 30
SHARE = 20  # one run has as many requests as dozens of ordinary examples; the profile "long" runs more


def play(machine: Callable[[], RuleBasedStateMachine]) -> None:
    """Run the machine; the profile determines how often."""
    examples = max(1, settings().max_examples // SHARE)
    made: Any = machine  # declared as a class, used as a function
    run_state_machine_as_test(made, settings=settings(max_examples=examples, stateful_step_count=STEPS))


@dataclass
class Watch:
    """The effects of each change of one row."""

    stores: Stores
    model: type[Model]
    row_id: str
    image: dict[str, Any] | None = None

    def change(self) -> Effects | None:
        """The effects of the change since the last call; None if nothing changed."""
        before, self.image = self.image, self._read()
        if before == self.image:
            return None
        table = self.model.Meta.table_name
        return effects_of(RowChange(id="change", table=table, before=before, after=self.image), TABLE_NAMES)

    def _read(self) -> dict[str, Any] | None:
        table = self.stores.row(self.model).Meta.table_name
        key = {"id": {"S": self.row_id}}
        item: dict[str, Any] | None = self.stores.client.get_item(TableName=table, Key=key).get("Item")
        return item
