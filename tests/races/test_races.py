"""Many ask for the same thing at once. `make races` asks more of them."""

from collections.abc import Callable

import pytest

from tests.e2e.api import Api
from tests.races.crowd import warm_up
from tests.races.race import Race
from tests.races.refunds import refunds_of_one_payment
from tests.races.retries import retries_of_one_log
from tests.races.same_key import impatient_clients, one_payment_asked_for_at_once

pytestmark = [pytest.mark.e2e, pytest.mark.sensitive("requests at once")]


@pytest.fixture(scope="module", autouse=True)
def _warm(new_merchant: Callable[[], Api]) -> None:
    warm_up(new_merchant())


@pytest.mark.parametrize(
    ("run", "count"),
    [
        (refunds_of_one_payment, 60),
        (one_payment_asked_for_at_once, 150),
        (impatient_clients, 20),
        (retries_of_one_log, 20),
    ],
    ids=["refunds", "same key", "impatient clients", "retries"],
)
def test_a_race_breaks_no_promise(merchant: Api, run: Callable[[Api, int], Race], count: int):
    race = run(merchant, count)
    assert race.wrong == [], str(race)
