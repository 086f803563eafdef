"""The keys and indexes of a table, and the units of a write to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cost.sizes import Item, write_units


@dataclass(frozen=True, kw_only=True)
class Units:
    """Units that one request used of a table (``index`` is empty) or of one of its indexes.

    ``absent``: the part of ``read`` for items that do not exist.
    """

    table: str
    index: str = ""
    write: int = 0
    read: float = 0
    absent: float = 0


@dataclass(frozen=True, kw_only=True)
class Index:
    """A global secondary index. ``attributes``: all that its entries contain; None: those of the item."""

    name: str
    keys: frozenset[str]
    attributes: frozenset[str] | None

    def write_units(self, old: Item | None, new: Item | None) -> int:
        """The units of updating the index after a change of the item from ``old`` to ``new``.

        An entry whose keys change is deleted and written again.
        """
        before, after = self._entry(old), self._entry(new)
        if before == after:
            return 0
        if before and after and all(before[name] == after[name] for name in self.keys):
            return write_units(before, after)
        return sum(write_units(one) for one in (before, after) if one)

    def _entry(self, item: Item | None) -> Item | None:
        """The entry of the item; None if the item lacks a key of the index."""
        if item is None or not self.keys <= item.keys():
            return None
        projected = item.keys() if self.attributes is None else item.keys() & self.attributes
        return {name: item[name] for name in projected}


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The keys and the indexes of a table."""

    table: str
    keys: frozenset[str]
    indexes: Sequence[Index]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> "Schema":
        """The schema in the description of a table."""
        keys = _names(described)
        indexes = [_index(one, keys) for one in described.get("GlobalSecondaryIndexes", ())]
        return cls(table=described["TableName"], keys=keys, indexes=indexes)

    def key_of(self, item: Item) -> Item:
        """The key of the item."""
        return {name: item[name] for name in self.keys}

    def write_units(
        self, old: Item | None, new: Item | None, *, put: Item | None, factor: int
    ) -> list[Units]:
        """The units of a write that changed ``old`` to ``new``. ``put``: the item of a put, also if refused.

        ``factor`` is that of a transaction. It does not apply to the indexes, which are updated afterwards
        (measured at AWS: github.com/nubo-db/dynoxide/pull/188; DynamoDB Local doubles them as well).
        """
        used = [Units(table=self.table, write=factor * write_units(old, new, put))]
        return used + list(self._index_units(old, new))

    def _index_units(self, old: Item | None, new: Item | None) -> Iterator[Units]:
        for index in self.indexes:
            if units := index.write_units(old, new):
                yield Units(table=self.table, index=index.name, write=units)


def _index(described: Mapping[str, Any], table_keys: frozenset[str]) -> Index:
    keys, projection = _names(described), described["Projection"]
    attributes = keys | table_keys | frozenset(projection.get("NonKeyAttributes", ()))
    return Index(
        name=described["IndexName"],
        keys=keys,
        attributes=None if projection["ProjectionType"] == "ALL" else attributes,
    )


def _names(described: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(key["AttributeName"] for key in described["KeySchema"])
