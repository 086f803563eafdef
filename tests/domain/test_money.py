"""Money: integers of minor units that every JSON parser reads exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.errors import AmountTooSmallError, BadRequestError, InvalidCurrencyError
from chalicelib.domain.money import DEFAULT_CURRENCY, MAX_AMOUNT, MIN_AMOUNT, Money, min_amount, parse_money

CURRENCIES = sorted(MINOR_UNITS)


def test_the_smallest_amount_is_one_rupee():
    assert (MIN_AMOUNT, DEFAULT_CURRENCY, min_amount("INR")) == (100, "INR", 100)


@pytest.mark.parametrize(
    ("currency", "minimum"),
    [
        ("USD", 100),
        ("HUF", 100),
        ("JPY", 1),
        ("KRW", 1),
        ("UGX", 1),
        ("KWD", 100),
        ("IQD", 100),
        ("CLF", 100),
    ],
)
def test_the_minimum_is_one_major_unit_and_at_most_100_minor_ones(currency: str, minimum: int):
    assert min_amount(currency) == minimum


def test_the_largest_amount_is_the_largest_exact_integer_of_a_double():
    assert float(MAX_AMOUNT) == MAX_AMOUNT
    assert float(MAX_AMOUNT) != float(MAX_AMOUNT + 1)
    assert float(MAX_AMOUNT + 1) == float(MAX_AMOUNT + 2)


def test_money_is_an_amount_in_a_currency():
    assert Money(100, "INR") == Money(100, "INR")
    assert Money(100, "INR") != Money(100, "USD")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_accepts_its_minimum_and_no_smaller_amount(currency: str):
    minimum = min_amount(currency)
    assert parse_money(minimum, currency) == Money(minimum, currency)
    with pytest.raises(BadRequestError) as refused:
        parse_money(minimum - 1, currency)
    assert refused.value.field == "amount"
    assert refused.value.description.startswith(f"amount must be at least {minimum}")
    assert (type(refused.value) is AmountTooSmallError) == (currency != "INR")


@pytest.mark.parametrize(
    "currency",
    [
        "ZZZ",
        "XAU",
        "XAG",
        "XXX",
        "XTS",
        "XDR",
        "BTC",
        "inr",
        "Inr",
        "",
        "IN",
        "INRR",
        "INR\n",
        "\uff29\uff2e\uff32",
    ],
)
@pytest.mark.parametrize("amount", [-1, 0, 100, MAX_AMOUNT])
def test_an_unknown_currency_code_is_rejected_before_the_amount(currency: str, amount: int):
    with pytest.raises(InvalidCurrencyError) as refused:
        parse_money(amount, currency)
    assert refused.value.field == "currency"


@given(st.integers(0, MAX_AMOUNT), st.sampled_from(CURRENCIES))
def test_an_amount_is_formatted_exactly_in_major_units(amount: int, currency: str):
    number, code = str(Money(amount, currency)).split(" ")
    digits = MINOR_UNITS[currency]
    assert code == currency
    assert Decimal(number) == Decimal(amount).scaleb(-digits)
    assert len(number.partition(".")[2]) == digits


def test_an_amount_of_an_unknown_currency_is_formatted_with_two_digits():
    assert str(Money(50_005, "ZZZ")) == "500.05 ZZZ"
