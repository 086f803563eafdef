"""Card numbers in texts are found in every format, and not in digits that only resemble one."""

import json
import random
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.card_number import holds_issued_number, holds_luhn_number, passes_luhn

CARDS = [
    "4111111111111111",
    "4222222222222",
    "4000000000000000006",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "38520000023237",
    "3530111333300000",
    "6011111111111117",
    "6521000000000007",
    "6200000000000005",
    "8100000000000002",
]
both = pytest.mark.parametrize("holds", [holds_luhn_number, holds_issued_number])


def grouped(number: str, separator: str) -> str:
    return separator.join(number[start : start + 4] for start in range(0, len(number), 4))


@both
@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_alone_and_in_a_text(holds, number: str):
    for text in (
        number,
        f" {number}\n",
        f"Asha {number} Rao",
        f"card:{number}",
        f"{number}@upi",
        f"x_{number}",
    ):
        assert holds(text), text


@both
@pytest.mark.parametrize("separator", [" ", "-", "  ", " - ", ".", "_", "\u2013", "\u00a0", "\t"])
@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_in_groups(holds, number: str, separator: str):
    assert holds(f"paid with {grouped(number, separator)}, thanks")


@both
@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111 12 29", "12/29 4111-1111-1111-1111 737", "1 4111111111111111"]
)
def test_a_card_number_is_found_next_to_other_digits(holds, text: str):
    assert holds(text)


@both
@pytest.mark.parametrize("zero", ["\u0660", "\u0966", "\uff10"])
def test_a_card_number_is_found_in_digits_of_other_scripts(holds, zero: str):
    assert holds("".join(chr(ord(zero) + int(digit)) for digit in CARDS[0]))


@both
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Asha Rao",
        "buyer@bank",
        "9876543210@upi",
        "411111111111",
        "4111111111111112",
        "4" * 20,
        "4111 1111, 1111 1111",
    ],
)
def test_other_texts_are_accepted(holds, text: str):
    assert not holds(text)


@given(st.integers(12, 18).flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size)))
def test_a_buyers_text_contains_no_digits_that_pass_the_luhn_check(payload: str):
    number = next(payload + digit for digit in "0123456789" if passes_luhn(payload + digit))
    assert holds_luhn_number(f"{number}@bank")


def test_generated_identifiers_are_accepted():
    chance = random.Random(4217)
    for _ in range(20_000):
        identifier = uuid.UUID(int=chance.getrandbits(128), version=4)
        for text in (
            str(identifier),
            identifier.hex,
            f"order-{identifier}",
            f"{chance.getrandbits(96):024x}",
        ):
            if not text.isdigit():
                assert not holds_issued_number(text), text


@pytest.mark.parametrize(
    "digits",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "41111111-1111-1111-abcd-ef0123456789",  # the first three groups pass the Luhn check
        "abcdef01-abcd-abcd-4111-111111111111",
        "a4111111111111111b4111111111111111",
    ],
)
def test_uuids_and_hexadecimal_keys_are_accepted_with_any_digits(digits: str):
    assert not holds_issued_number(digits)


def test_timestamps_and_dates_are_accepted():
    now = time.time_ns()
    for step in range(1_000):
        at = now + step * 1_000_003
        assert not holds_issued_number(f"order-{at // 10**6}")
        assert not holds_issued_number(str(at // 10**3))
        assert not holds_issued_number(str(at))
    for second in range(60):
        assert not holds_issued_number(f"202603141509{second:02}")


def test_a_number_in_json_is_found_as_a_string_and_as_a_number():
    for value in (CARDS[0], int(CARDS[0]), {"a": [CARDS[0]]}, {CARDS[0]: 1}):
        assert holds_issued_number(json.dumps({"note": value}))
    assert not holds_issued_number(json.dumps({"a": [4111, 1111, 1111, 1111], "b": 1e308, "c": 10**30}))


@pytest.mark.parametrize("text", ["4 " * 7_500, "4" * 15_000, "4-" * 7_500 + "x", "a4" * 7_500])
def test_a_long_text_is_searched_quickly(text: str):
    began = time.perf_counter()
    holds_issued_number(text)
    assert time.perf_counter() - began < 2
