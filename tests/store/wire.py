"""A wire between the stores and their tables that loses answers, and breaks."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chalicelib.store.orders import OrderRow
from tests.store.stores import Stores

WRITES = frozenset({"PutItem", "UpdateItem", "TransactWriteItems"})


class CutError(Exception):
    """The process died before its request went out."""


@dataclass
class Wire:
    """``repeats``: the answer of each write is lost and the write sent again, as boto3 does.

    ``between_repeats``: what others do before it is sent again; their own writes are not repeated.
    ``lasts``: how many more requests go out before the process dies.
    """

    repeats: bool = False
    between_repeats: Sequence[Callable[[], object]] = ()
    lasts: int | None = None

    @contextmanager
    def between(self, stores: Stores) -> Iterator[None]:
        """Lay this wire."""
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
