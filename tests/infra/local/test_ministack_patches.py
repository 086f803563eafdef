"""Patches of the embedded AWS that matter between a stop and a start."""

from dataclasses import dataclass, field
from typing import Any

from infra.local.ministack_patches import _enable_workers


@dataclass
class Lambda:
    """A Lambda service with one disabled and one enabled mapping."""

    changed: dict[str, bool] = field(default_factory=dict)

    def list_event_source_mappings(self) -> dict[str, Any]:
        states = {"queue": "Disabled", "stream": "Enabled"}
        return {"EventSourceMappings": [{"UUID": id_, "State": state} for id_, state in states.items()]}

    def update_event_source_mapping(self, **change: Any) -> None:
        self.changed[change["UUID"]] = change["Enabled"]


def test_workers_that_an_earlier_version_disabled_are_enabled_at_start():
    functions = Lambda()
    _enable_workers(functions)
    assert functions.changed == {"queue": True}
