"""The complete merge template."""

from typing import Any

from infra.stage import Stage
from infra.template import alarms, api, budget, encryption, functions, queues, roles, sites, tables


def build_template(stage: Stage) -> dict[str, Any]:
    """The template for ``chalice package --merge-template``."""
    resources = {
        **tables.resources(stage),
        **queues.resources(),
        **sites.resources(),
        **roles.resources(),
        **functions.resources(stage),
        **api.resources(stage),
        **alarms.resources(stage),
        **budget.resources(stage),
    }
    return {
        "Description": f"The payment gateway, stage {stage.name}",
        "Resources": encryption.encrypted(resources, stage),
        "Outputs": {**tables.outputs(), **queues.outputs(), **sites.outputs(), **encryption.outputs(stage)},
    }
