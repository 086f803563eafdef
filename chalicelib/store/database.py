"""Where the tables are: models bound to physical names, with one client for all."""

import types
from typing import Any, TypeVar

from pynamodb.connection import Connection, TableConnection
from pynamodb.models import Model

_CLIENT = {
    "connect_timeout_seconds": 2,
    "read_timeout_seconds": 5,  # DynamoDB answers in milliseconds; what takes longer is better asked again
    "max_retry_attempts": 3,
    "max_pool_connections": 20,  # above the webhook worker's threads
}

Row = TypeVar("Row", bound=Model)


class Database:
    """Where the tables are. All models bound to it share one client; ``place`` is for other than AWS.

    ``place`` takes pynamodb's ``host``, ``region`` and credentials.
    """

    def __init__(self, **place: str) -> None:
        self._place = place
        self._shared: Connection | None = None

    def bind(self, row: type[Row], table_name: str) -> type[Row]:
        """The model ``row`` on the table of that physical name."""
        base: Any = row.Meta
        meta = type("Meta", (base,), {"table_name": table_name, **_CLIENT, **self._place})
        bound: type[Row] = types.new_class(
            row.__name__, (row,), exec_body=lambda body: body.update(Meta=meta)
        )
        self._share_client(bound._get_connection())  # noqa: SLF001 - pynamodb makes one a model
        return bound

    def _share_client(self, table: TableConnection) -> None:
        if self._shared is None:
            self._shared = table.connection
            _ = self._shared.client  # made here, because making one is not safe in threads
            return
        self._shared.add_meta_table(table.get_meta_table())
        table.connection = self._shared
