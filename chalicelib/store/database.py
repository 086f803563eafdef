"""The database: models bound to physical table names, with one shared client."""

import types
from threading import Lock
from typing import Any, TypeVar

import botocore
from botocore.config import Config
from pynamodb.connection import Connection, TableConnection
from pynamodb.models import Model

CLIENT_DEFAULTS = Config(user_agent=f"payment-gateway Botocore/{botocore.__version__}")
"""For all AWS clients. By default, computing the user agent takes a quarter of a request's CPU time."""

_CLIENT = {
    "connect_timeout_seconds": 2,
    "read_timeout_seconds": 5,  # DynamoDB responds within milliseconds; a retry is faster than a longer wait
    "max_retry_attempts": 3,
    "max_pool_connections": 20,  # above the webhook worker's threads
}

_QUICK = {"connect_timeout_seconds": 0.5, "read_timeout_seconds": 0.5, "max_retry_attempts": 0}
"""For writes that may be lost, but must not delay a response."""

Row = TypeVar("Row", bound=Model)


class Database:
    """Binds models to tables. All bound models share one client. Threads can bind models concurrently.

    ``connection`` has the ``host``, ``region`` and credentials of pynamodb, for a database other than AWS.
    """

    def __init__(self, **connection: str | float) -> None:
        self._settings = connection
        self._shared: Connection | None = None
        self._sessions_of: Connection | None = None  # whose session the client is created with
        self._names: set[str] = set()
        self._lock = Lock()

    def quick(self) -> "Database":
        """The database with a separate client, which gives up after half a second and does not retry."""
        made = Database(**{**self._settings, **_QUICK})
        made._sessions_of = self._shared
        return made

    def bind(self, row: type[Row], table_name: str) -> type[Row]:
        """The model ``row`` for the table with the physical name ``table_name``."""
        base: Any = row.Meta
        meta = type("Meta", (base,), {"table_name": table_name, **_CLIENT, **self._settings})
        bound: type[Row] = types.new_class(
            row.__name__, (row,), exec_body=lambda body: body.update(Meta=meta)
        )
        with self._lock:
            self._share_client(bound._get_connection())  # noqa: SLF001 - pynamodb creates one for each model
        return bound

    def _share_client(self, table: TableConnection) -> None:
        if self._shared is None:
            self._shared = table.connection
            if self._sessions_of:  # creating a client takes a third of the time with a session that exists
                self._shared._local.session = self._sessions_of.session  # noqa: SLF001 - no public attribute
            self._shared.session.set_default_client_config(CLIENT_DEFAULTS)
            _ = self._shared.client  # created here, because the creation is not thread-safe
            self._names.add(table.table_name)
            return
        if table.table_name not in self._names:  # two models can have the same table
            self._shared.add_meta_table(table.get_meta_table())
            self._names.add(table.table_name)
        table.connection = self._shared
