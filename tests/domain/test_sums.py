"""Sums of payments: by currency, without voided and unsuccessful ones, and the same in parts."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import Money
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.sums import CurrencySum, sums_of
from tests.domain.examples import NOW, payment


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    amount = draw(st.integers(1, 2**53 - 1))
    return payment(
        money=Money(amount, draw(st.sampled_from(["INR", "JPY", "BHD"]))),
        amount_refundable=amount - draw(st.integers(0, amount)),
        status=draw(st.sampled_from(PaymentStatus)),
        voided_at=draw(st.sampled_from([None, None, NOW])),
    )


def test_only_successful_payments_that_are_not_voided_are_added():
    one = payment(money=Money(500, "INR"), amount_refundable=400, status=PaymentStatus.SUCCESS)
    yen = payment(money=Money(7, "JPY"), amount_refundable=7, status=PaymentStatus.SUCCESS)
    others = [
        payment(status=PaymentStatus.PENDING),
        payment(status=PaymentStatus.FAILED),
        payment(status=PaymentStatus.SUCCESS, voided_at=NOW),
    ]
    assert sums_of([yen, *others, one, one]) == [
        CurrencySum(currency="INR", payments=2, gross=1_000, refunded=200),
        CurrencySum(currency="JPY", payments=1, gross=7),
    ]
    assert [sum_.net for sum_ in sums_of([one, yen])] == [400, 7]
    assert sums_of(others) == []


@given(st.lists(st.lists(payments(), max_size=5), max_size=4))
def test_the_sums_of_parts_add_up_to_the_sum_of_all(parts: list[list[Payment]]):
    added: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for one in sums_of(part):
            added.update({(one.currency, name): getattr(one, name) for name in ("payments", "gross", "net")})
    every = [one for part in parts for one in part]
    whole = sums_of(every)
    assert added == Counter(
        {(one.currency, name): getattr(one, name) for one in whole for name in ("payments", "gross", "net")}
    )
    assert [one.currency for one in whole] == sorted({one.currency for one in whole})
    for one in whole:
        assert one.net == sum(each.net for each in every if each.money.currency == one.currency)
