"""Stripe's amounts in every currency of ISO 4217."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.acquirers.stripe.values import AmountError, money_of, stripe_amount
from chalicelib.domain.currencies import MINOR_UNITS
from chalicelib.domain.money import MAX_AMOUNT, Money

UNDOCUMENTED = {code for code, digits in MINOR_UNITS.items() if digits == 4} | {"IQD", "LYD", "UYI"}


@given(st.sampled_from(sorted(MINOR_UNITS)), st.integers(1, MAX_AMOUNT))
def test_an_amount_is_exact_or_refused(currency, amount):
    money = Money(amount, currency)
    try:
        converted = stripe_amount(money)
    except AmountError:
        assert currency in UNDOCUMENTED | {"MGA", "BHD", "JOD", "KWD", "OMR", "TND"}
    else:
        assert isinstance(converted, int)
        assert money_of(converted, currency.lower()) == money


@pytest.mark.parametrize("currency", sorted(MINOR_UNITS))
def test_a_major_unit_can_be_expressed_in_every_documented_currency(currency):
    money = Money(10 ** MINOR_UNITS[currency], currency)
    if currency in UNDOCUMENTED:
        with pytest.raises(AmountError):
            stripe_amount(money)
    else:
        assert stripe_amount(money) in {1, 100, 1000}


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (Money(50_000, "INR"), 50_000),
        (Money(500, "JPY"), 500),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(500, "MGA"), 5),
        (Money(5_120, "KWD"), 5_120),
        (Money(1_045, "HUF"), 1_045),
        (Money(80_045, "TWD"), 80_045),
        (Money(7, "XOF"), 7),
    ],
)
def test_the_documented_examples(money, expected):
    assert stripe_amount(money) == expected


@pytest.mark.parametrize("money", [Money(5_124, "KWD"), Money(501, "MGA"), Money(100, "XAG")])
def test_an_amount_without_a_representation_is_refused(money):
    with pytest.raises(AmountError):
        stripe_amount(money)


def test_an_unknown_currency_of_a_listed_charge_is_kept():
    assert money_of(12, "xag") == Money(12, "XAG")
