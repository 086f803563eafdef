"""VPAs: the complete text must match."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidVpaError
from chalicelib.domain.methods.upi import parse_vpa
from tests.domain.examples import vpas

BANK = string.ascii_letters + string.digits
NAME = BANK + "._-"


def is_vpa(text: str) -> bool:
    """The documented rule, implemented without a regular expression."""
    name, at, bank = text.partition("@")
    return bool(name and at and bank) and set(name) <= set(NAME) and set(bank) <= set(BANK)


@given(text=vpas)
def test_a_vpa_is_accepted_unchanged(text: str):
    assert parse_vpa(text) == text


@given(text=st.text() | st.text(NAME + "@ \n", max_size=6))
def test_any_text_is_a_vpa_or_is_rejected(text: str):
    if is_vpa(text):
        assert parse_vpa(text) == text
    else:
        with pytest.raises(InvalidVpaError):
            parse_vpa(text)


def test_a_vpa_has_at_most_255_characters():
    longest = "b" * 250 + "@bank"
    assert parse_vpa(longest) == longest
    with pytest.raises(InvalidVpaError):
        parse_vpa("b" + longest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "buyer",
        "buyer@",
        "@bank",
        "buyer@bank@bank",
        "buyer@ok-bank",
        "buyer@bank.com",
        "buyer @bank",
        " buyer@bank",
        "buyer@bank ",
        "buyer@bank\n",
        "a\nbuyer@bank",
        "büyer@bank",
        "buyer@bänk",
        "bu+yer@bank",
        "٣@bank",
    ],
)
def test_a_text_that_resembles_a_vpa_is_rejected(text: str):
    with pytest.raises(InvalidVpaError, match="Invalid VPA format") as caught:
        parse_vpa(text)
    assert caught.value.field == "vpa"
