"""The complete merge template."""

from typing import Any

from infra.stage import Stage
from infra.template import (
    access_logs,
    alarms,
    api,
    budget,
    dashboard,
    encryption,
    functions,
    kept_logs,
    notifications,
    page_watch,
    queues,
    roles,
    sites,
    tables,
)


def build_template(stage: Stage) -> dict[str, Any]:
    """The template for ``chalice package --merge-template``."""
    resources = {
        **tables.resources(stage),
        **queues.resources(),
        **sites.resources(stage),
        **roles.resources(stage),
        **kept_logs.resources(stage),
        **access_logs.resources(stage),
        **notifications.resources(stage),
        **dashboard.resources(stage),
        **functions.resources(stage),
        **api.resources(stage),
        **alarms.resources(stage),
        **page_watch.resources(stage),
        **budget.resources(stage),
    }
    return {
        "Description": f"The payment gateway, stage {stage.name}",
        "Resources": encryption.encrypted(resources, stage),
        "Outputs": {
            **tables.outputs(),
            **queues.outputs(),
            **sites.outputs(stage),
            **kept_logs.outputs(stage),
            **notifications.outputs(stage),
            **encryption.outputs(stage),
        },
    }
