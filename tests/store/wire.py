"""A connection between the stores and their tables that loses responses, and breaks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chalicelib.store.orders import OrderRow
from tests.store.stores import Stores

WRITES = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})


class CutError(Exception):
    """The process crashed before it sent the request."""


@dataclass
class Wire:
    """``repeats``: the response of each write is lost and the write repeated, as boto3 does.

    ``between_repeats``: writes of others before the repetition; they are not repeated. ``lasts``: the number
    of requests before the process crashes.
    """

    repeats: bool = False
    between_repeats: Sequence[Callable[[], object]] = ()
    lasts: int | None = None

    @contextmanager
    def between(self, stores: Stores) -> Iterator[None]:
        """Use this connection."""
        client: Any = stores.row(OrderRow)._get_connection().connection.client
        call = client._make_api_call

        def send(operation: str, arguments: dict[str, Any]) -> Any:
            if self.lasts is not None:
                if not self.lasts:
                    raise CutError
                self.lasts -= 1
            if self.repeats and operation in WRITES:
                call(operation, arguments)
                self.repeats = not self.between_repeats
                for act in self.between_repeats:
                    act()
            return call(operation, arguments)

        with patch.object(client, "_make_api_call", send):
            yield
