"""Statistics: counters combined by day and by method."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.counters import count_payment
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.payment import Payment, PaymentStatus
from chalicelib.domain.statistics import Figures, last_days, summarize_days, summarize_total
from tests.domain.examples import CARD, NOW, payment

TODAY = NOW.date()
some_payments = st.lists(
    st.builds(
        payment,
        status=st.sampled_from(PaymentStatus),
        instrument=st.sampled_from([CARD, payment().instrument]),
        created_at=st.integers(0, 3).map(lambda back: NOW - timedelta(days=back)),
    ),
    max_size=20,
)


def counters(payments: list[Payment]) -> dict[str, int]:
    """The counters of the merchant of these payments."""
    held: dict[str, int] = {}
    for one in payments:
        for key, value in count_payment(one).items():
            held[key.name] = held.get(key.name, 0) + value
    return held


def figures(payments: list[Payment]) -> Figures:
    """The same figures, calculated from the payments."""
    good = [one for one in payments if one.status is PaymentStatus.SUCCESS]
    return Figures(
        count=len(payments),
        success=len(good),
        failed=sum(one.status is PaymentStatus.FAILED for one in payments),
        volume={"INR": sum(one.money.amount for one in good)} if good else {},
    )


@given(payments=some_payments)
def test_the_total_is_the_sum_of_all_payments_and_of_all_methods(payments: list[Payment]):
    total = summarize_total(counters(payments))
    assert total.all == figures(payments)
    for method in PaymentMethod:
        assert total.by_method[method] == figures(
            [one for one in payments if one.instrument.method is method]
        )


@given(payments=some_payments, count=st.integers(1, 4))
def test_each_day_contains_its_payments(payments: list[Payment], count: int):
    days = summarize_days(counters(payments), last_days(TODAY, count))
    assert list(days) == last_days(TODAY, count)
    for day, summary in days.items():
        assert summary.all == figures([one for one in payments if one.created_at.date() == day])


def test_a_day_without_payments_is_included_with_zeros():
    [(_, summary)] = summarize_days({}, [TODAY]).items()
    assert summary.all == Figures()
    assert set(summary.by_method) == set(PaymentMethod)


@pytest.mark.parametrize(
    ("success", "failed", "rate"), [(0, 0, None), (1, 0, 1.0), (0, 1, 0.0), (19, 1, 0.95)]
)
def test_the_success_rate_is_the_share_of_final_payments(success: int, failed: int, rate: float | None):
    assert Figures(count=100, success=success, failed=failed).success_rate == rate


def test_volumes_are_separate_per_currency():
    total = summarize_total(
        {"total#volume#INR#upi": 5, "total#volume#USD#upi": 7, "total#volume#INR#card": 1}
    )
    assert total.all.volume == {"INR": 6, "USD": 7}


def test_the_last_days_end_today_in_ascending_order():
    assert last_days(date(2026, 3, 1), 3) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert last_days(TODAY, 1) == [TODAY]
