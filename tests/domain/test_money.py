"""Money: integers of minor units within what every JSON reader keeps."""

from chalicelib.domain.money import DEFAULT_CURRENCY, MAX_AMOUNT, MIN_AMOUNT, Money


def test_the_smallest_amount_is_one_rupee():
    assert (MIN_AMOUNT, DEFAULT_CURRENCY) == (100, "INR")


def test_the_largest_amount_is_the_last_integer_that_has_a_double_of_its_own():
    assert float(MAX_AMOUNT) == MAX_AMOUNT
    assert float(MAX_AMOUNT) != float(MAX_AMOUNT + 1)
    assert float(MAX_AMOUNT + 1) == float(MAX_AMOUNT + 2)


def test_money_is_its_amount_in_its_currency():
    assert Money(100, "INR") == Money(100, "INR")
    assert Money(100, "INR") != Money(100, "USD")
