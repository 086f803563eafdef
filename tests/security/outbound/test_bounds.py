"""Whatever a receiver does, a call to it is bounded: in time, in memory, in what is logged, in threads."""

import re

import pytest

from chalicelib.webhooks.guarded_adapter import MAX_HEAD_BYTES
from chalicelib.webhooks.http import MAX_BODY_BYTES
from tests.security.outbound.measure import Cost, measure, measure_each
from tests.security.outbound.misbehaviour import IN_TIME, Misbehaviour, a_mixture, misbehaviours

DEADLINE_S = 0.5
ROOM_S = 20  # for a busy machine; a call without a bound takes 30 s
MAX_PEAK_BYTES = 16 * (MAX_HEAD_BYTES + MAX_BODY_BYTES)  # 2 MB: a few copies, and what parses them
MAX_LOGGED_CHARS = 500

pytestmark = pytest.mark.sensitive("deadlines of half a second")
RECEIVERS = misbehaviours(DEADLINE_S / 10)


@pytest.fixture(scope="module", name="costs")
def _costs() -> dict[str, Cost]:
    measured = measure_each(RECEIVERS, deadline_s=DEADLINE_S)
    return {one.name: cost for one, cost in zip(RECEIVERS, measured, strict=True)}


def comes_out(receiver: Misbehaviour, said: str) -> bool:
    """Whether it was said what was to be; or nothing in time, as on a busy machine."""
    return bool(re.fullmatch(f"{receiver.says}|{IN_TIME}", said))


@pytest.mark.parametrize("receiver", RECEIVERS, ids=lambda receiver: receiver.name)
def test_a_call_is_bounded_in_time_memory_log_and_threads(costs: dict[str, Cost], receiver: Misbehaviour):
    cost = costs[receiver.name]
    assert comes_out(receiver, *cost.said)
    assert cost.wall_s < DEADLINE_S + ROOM_S
    assert cost.ended_s < 2 * DEADLINE_S + ROOM_S
    assert cost.peak_bytes < MAX_PEAK_BYTES
    assert cost.logged_chars < MAX_LOGGED_CHARS


def test_ten_at_once_take_no_longer_than_one_and_no_more_than_ten():
    ten = a_mixture(RECEIVERS, 10)
    assert len(ten) == 10
    (cost,) = measure([ten], deadline_s=DEADLINE_S)
    assert all(map(comes_out, ten, cost.said))
    assert cost.wall_s < DEADLINE_S + ROOM_S
    assert cost.ended_s < 2 * DEADLINE_S + ROOM_S
    assert cost.peak_bytes < 10 * MAX_PEAK_BYTES
