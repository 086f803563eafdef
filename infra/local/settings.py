"""The settings of a local stage, checked before anything is started."""

from dataclasses import fields

from chalicelib.settings import QueueUrls, SettingsError, TableNames, load_settings
from infra.errors import InfraError
from infra.stage import Stage


def require_valid(stage: Stage) -> None:
    """InfraError that names the variable at fault, if the gateway could not start with them."""
    try:
        load_settings({**_made_by_the_stack(), "STAGE": stage.name, **stage.variables})
    except SettingsError as error:
        raise InfraError(f"{error}.") from error


def _made_by_the_stack() -> dict[str, str]:
    tables = [f"{table.name.upper()}_TABLE" for table in fields(TableNames)]
    queues = [queue.name.upper() for queue in fields(QueueUrls)]
    urls = [f"{queue}{kind}_QUEUE_URL" for queue in queues for kind in ("", "_DEAD_LETTERS")]
    return dict.fromkeys([*tables, *urls], "made by the stack")
