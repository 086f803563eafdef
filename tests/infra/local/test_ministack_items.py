"""Copies of items in the embedded AWS."""

from decimal import Decimal
from types import SimpleNamespace

from infra.local.ministack.items import copied, copy_faster


def test_a_copy_shares_nothing_that_can_change() -> None:
    item = {"id": {"S": "a"}, "list": {"L": [{"M": {"n": {"N": "1"}}}, {"NULL": True}]}, "b": {"B": b"x"}}

    copy = copied(item)

    assert copy == item
    item["list"]["L"][0]["M"]["n"]["N"] = "2"  # type: ignore[index]
    item["id"]["S"] = "b"  # type: ignore[index]
    assert copy["list"]["L"][0]["M"]["n"]["N"] == "1"
    assert copy["id"] == {"S": "a"}


def test_other_types_are_copied_too() -> None:
    value = {"set": {1}, "number": Decimal("1.5"), "tuple": ([1],)}

    copy = copied(value)

    assert copy == value
    assert copy["set"] is not value["set"]
    assert copy["tuple"][0] is not value["tuple"][0]  # type: ignore[index]


def test_the_service_copies_with_it() -> None:
    service = SimpleNamespace(copy=None)

    copy_faster(service)

    assert service.copy.deepcopy is copied
