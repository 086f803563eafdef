"""Identifiers: the documented characters, and UUIDs that are derived from their parts."""

import re
import uuid
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.ids import derived_uuid, new_id
from tests.domain.examples import texts

parts = st.lists(texts.filter(lambda text: "\x1f" not in text), min_size=1, max_size=4)


@pytest.mark.parametrize("prefix", ["order_", "pay_", "rfnd_"])
@given(seed=st.integers())
def test_an_id_is_its_prefix_and_16_letters_and_digits(prefix: str, seed: int):
    assert re.fullmatch(prefix + "[A-Za-z0-9]{16}", new_id(prefix, Random(seed)))


def test_ids_use_the_whole_alphabet_and_are_unique():
    random = Random(1)
    ids = [new_id("", random) for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert len(set("".join(ids))) == 62


@given(one=parts, other=parts)
def test_a_derived_id_is_a_uuid_that_depends_on_all_of_its_parts(one: list[str], other: list[str]):
    assume(one != other)
    assert str(uuid.UUID(derived_uuid(*one))) == derived_uuid(*one)
    assert derived_uuid(*one) != derived_uuid(*other)


def test_a_derived_id_is_the_same_in_every_release():
    """A redelivered stream record must find the row that an earlier release wrote."""
    assert derived_uuid("pay_A1b2C3d4E5f6G7h8", "payment.success") == "289c17fa-9b91-5c4c-b874-04f523cef285"
