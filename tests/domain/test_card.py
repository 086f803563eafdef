"""Cards: the number is validated before the CVV, and both before the expiry; secrets are not printed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.domain.card_number import passes_luhn
from chalicelib.domain.errors import ExpiredCardError, InvalidCardError
from chalicelib.domain.methods.card import Card, CardNetwork, network_of, parse_card
from tests.domain.examples import NOW

VISA = "4111111111111111"


def parsed(now: datetime = NOW, **changes: str) -> Card:
    fields: dict[str, Any] = {
        "number": VISA,
        "expiry_month": "12",
        "expiry_year": "2030",
        "cvv": "737",
        "holder_name": "Asha Rao",
    }
    card = parse_card(**fields | changes)
    if card.is_expired(now):
        raise ExpiredCardError
    return card


def with_check_digit(payload: str) -> str:
    """``payload`` and the digit that makes its Luhn sum a multiple of ten, calculated as by hand."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        weighed = int(digit) * (2 if place % 2 == 0 else 1)
        total += weighed // 10 + weighed % 10
    return payload + str(-total % 10)


def digits(min_size: int, max_size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=min_size, max_size=max_size)


numbers = digits(12, 18).map(with_check_digit)


@given(number=digits(1, 30).map(with_check_digit))
def test_every_number_with_its_check_digit_passes(number: str):
    assert passes_luhn(number)


@given(number=numbers, data=st.data())
def test_any_single_wrong_digit_is_detected(number: str, data: st.DataObject):
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(wrong != number[place])
    changed = number[:place] + wrong + number[place + 1 :]
    assert not passes_luhn(changed)
    with pytest.raises(InvalidCardError):
        parsed(number=changed)


@given(number=numbers, data=st.data())
def test_spaces_and_dashes_in_the_number_are_removed(number: str, data: st.DataObject):
    gaps = data.draw(st.lists(st.text(" -", max_size=3), min_size=len(number), max_size=len(number)))
    spaced = "".join(gap + digit for gap, digit in zip(gaps, number, strict=True)) + gaps[0]
    card = parsed(number=spaced)
    assert card.number == number
    assert card.last4 == number[-4:]


@pytest.mark.parametrize("length", range(1, 30))
def test_a_number_has_13_to_19_digits(length: int):
    number = with_check_digit("4" * (length - 1))
    if 13 <= length <= 19:
        assert parsed(number=number).number == number
    else:
        with pytest.raises(InvalidCardError):
            parsed(number=number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        " ",
        "4111 1111 1111 1112",
        "4111\t1111\t1111\t1111",
        "4111.1111.1111.1111",
        "4111111111111111\n",
        "4111111111111111x",
        "٤١١١١١١١١١١١١١١١",  # digits to a person, and to str.isdigit
        "0x4111111111111111",
    ],
)
def test_an_invalid_card_number_is_rejected(number: str):
    with pytest.raises(InvalidCardError, match="Card validation failed") as caught:
        parsed(number=number)
    assert caught.value.field == "card.number"


@pytest.mark.parametrize("cvv", ["000", "737", "1234"])
def test_a_cvv_has_three_or_four_digits(cvv: str):
    assert parsed(cvv=cvv).cvv == cvv


@pytest.mark.parametrize("cvv", ["", "12", "12345", "12a", " 123", "123\n", "١٢٣"])
def test_any_other_cvv_is_rejected(cvv: str):
    with pytest.raises(InvalidCardError) as caught:
        parsed(cvv=cvv)
    assert caught.value.field == "card.cvv"


NETWORKS = (
    {f"{prefix}": CardNetwork.UNKNOWN for prefix in range(100)}
    | {f"{prefix:02}": CardNetwork.UNKNOWN for prefix in range(10)}
    | {f"4{second}": CardNetwork.VISA for second in range(10)}
    | {f"{prefix}": CardNetwork.MASTERCARD for prefix in range(51, 56)}
    | {"34": CardNetwork.AMEX, "37": CardNetwork.AMEX}
    | {f"{prefix}": CardNetwork.RUPAY for prefix in (60, 65, *range(81, 90))}
)


@pytest.mark.parametrize("prefix", [f"{prefix:02}" for prefix in range(100)])
def test_the_first_two_digits_determine_the_network(prefix: str):
    number = with_check_digit(prefix + "0" * 13)
    assert network_of(number) is NETWORKS[prefix]
    assert parsed(number=number).network is NETWORKS[prefix]


@pytest.mark.parametrize("month", ["3", "03"])
@pytest.mark.parametrize("year", ["26", "2026"])
def test_a_card_is_valid_until_the_last_moment_of_its_month(month: str, year: str):
    """In every time zone: in UTC-12, the month ends twelve hours later than in UTC."""
    last_moment = datetime(2026, 4, 1, 11, 59, 59, 999_999, tzinfo=UTC)
    card = parsed(expiry_month=month, expiry_year=year, now=last_moment)
    assert (card.expiry_month, card.expiry_year) == (3, 2026)
    with pytest.raises(ExpiredCardError, match="Card expiry date invalid"):
        parsed(expiry_month=month, expiry_year=year, now=datetime(2026, 4, 1, 12, tzinfo=UTC))


@given(
    now=st.datetimes(
        min_value=datetime(2001, 2, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2098, 11, 30),  # noqa: DTZ001 - as above
        timezones=st.just(UTC),
    ),
    months_away=st.integers(-12, 12),
    short=st.booleans(),
)
def test_a_card_is_expired_from_the_following_month(now: datetime, months_away: int, short: bool):
    there = now - timedelta(hours=12)  # the last time zone
    years, month = divmod(there.year * 12 + there.month - 1 + months_away, 12)
    texts = {"expiry_month": str(month + 1), "expiry_year": str(years)[2:] if short else str(years)}
    if months_away < 0:
        with pytest.raises(ExpiredCardError):
            parsed(**texts, now=now)
    else:
        card = parsed(**texts, now=now)
        assert (card.expiry_month, card.expiry_year) == (month + 1, years)


@pytest.mark.parametrize(
    ("month", "year"),
    [
        ("0", "2030"),
        ("00", "2030"),
        ("13", "2030"),
        ("-1", "2030"),
        ("012", "2030"),
        ("", "2030"),
        ("1.", "2030"),
        (" 1", "2030"),
        ("12\n", "2030"),
        ("٣", "2030"),
        ("12", ""),
        ("12", "5"),
        ("12", "030"),
        ("12", "20300"),
        ("12", "0030"),
        ("12", "-030"),
        ("12", "2030\n"),
        ("Dec", "2030"),
    ],
)
def test_an_invalid_expiry_date_is_rejected(month: str, year: str):
    with pytest.raises(ExpiredCardError) as caught:
        parsed(expiry_month=month, expiry_year=year)
    assert caught.value.field == "card.expiry_year"


def test_the_number_is_checked_before_the_cvv_and_both_before_the_expiry():
    wrong = {"number": VISA[:-1] + "2", "cvv": "x", "expiry_year": "2020"}
    with pytest.raises(InvalidCardError) as number_first:
        parsed(now=NOW, **wrong)
    assert number_first.value.field == "card.number"
    with pytest.raises(InvalidCardError) as cvv_next:
        parsed(now=NOW, **wrong | {"number": VISA})
    assert cvv_next.value.field == "card.cvv"
    with pytest.raises(ExpiredCardError):
        parsed(now=NOW, **wrong | {"number": VISA, "cvv": "737"})


def test_the_representation_of_a_card_contains_neither_number_nor_cvv():
    card = parsed(cvv="9137")
    assert VISA not in repr(card) + str(card)
    assert "9137" not in repr(card) + str(card)


@given(number=st.text(max_size=30), cvv=st.text(min_size=5, max_size=8))
def test_an_error_contains_nothing_of_the_card(number: str, cvv: str):
    with pytest.raises(InvalidCardError) as caught:
        parsed(number=number, cvv=cvv)
    assert caught.value.description == "Card validation failed"
