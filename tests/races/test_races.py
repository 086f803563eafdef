"""Concurrent requests for the same object. `make races` sends more of them."""

from collections.abc import Callable

import pytest

from tests.e2e.api import Api
from tests.races.crowd import warm_up
from tests.races.race import Race
from tests.races.refunds import refunds_of_one_payment
from tests.races.retries import retries_of_one_log
from tests.races.same_key import impatient_clients, one_payment_requested_concurrently

pytestmark = [pytest.mark.e2e, pytest.mark.sensitive("concurrent requests")]


@pytest.fixture(scope="module", autouse=True)
def _warm(new_merchant: Callable[[], Api]) -> None:
    warm_up(new_merchant())


@pytest.mark.parametrize(
    ("run", "count"),
    [
        (refunds_of_one_payment, 30),
        (one_payment_requested_concurrently, 150),
        (impatient_clients, 20),
        (retries_of_one_log, 20),
    ],
    ids=["refunds", "same key", "impatient clients", "retries"],
)
def test_a_race_violates_no_guarantee(merchant: Api, run: Callable[[Api, int], Race], count: int):
    race = run(merchant, count)
    assert race.wrong == [], str(race)
