"""Every call to a receiver is bounded: in time, memory, log output and threads."""

import re

import pytest

from chalicelib.webhooks.guarded_adapter import MAX_HEAD_BYTES
from chalicelib.webhooks.http import MAX_BODY_BYTES
from tests.security.outbound.measure import Cost, measure, measure_each
from tests.security.outbound.misbehaviour import IN_TIME, Misbehaviour, a_mixture, misbehaviours

DEADLINE_S = 0.5
ROOM_S = 20  # for a busy machine; a call without a limit takes 30 s
MAX_PEAK_BYTES = 16 * (MAX_HEAD_BYTES + MAX_BODY_BYTES)  # 2 MB: a few copies, and the parsers
MAX_LOGGED_CHARS = 500

pytestmark = pytest.mark.sensitive("deadlines of half a second")
RECEIVERS = misbehaviours(DEADLINE_S / 10)


@pytest.fixture(scope="module", name="costs")
def _costs() -> dict[str, Cost]:
    measured = measure_each(RECEIVERS, deadline_s=DEADLINE_S)
    return {one.name: cost for one, cost in zip(RECEIVERS, measured, strict=True)}


def is_expected(receiver: Misbehaviour, said: str) -> bool:
    """Whether the result is the expected one, or a time-out, as on a busy machine."""
    return bool(re.fullmatch(f"{receiver.says}|{IN_TIME}", said))


@pytest.mark.parametrize("receiver", RECEIVERS, ids=lambda receiver: receiver.name)
def test_a_call_is_bounded_in_time_memory_log_and_threads(costs: dict[str, Cost], receiver: Misbehaviour):
    cost = costs[receiver.name]
    assert is_expected(receiver, *cost.said)
    assert cost.wall_s < DEADLINE_S + ROOM_S
    assert cost.ended_s < 2 * DEADLINE_S + ROOM_S
    assert cost.peak_bytes < MAX_PEAK_BYTES
    assert cost.logged_chars < MAX_LOGGED_CHARS


def test_ten_concurrent_calls_take_no_longer_than_one_and_no_more_than_ten():
    ten = a_mixture(RECEIVERS, 10)
    assert len(ten) == 10
    (cost,) = measure([ten], deadline_s=DEADLINE_S)
    assert all(map(is_expected, ten, cost.said))
    assert cost.wall_s < DEADLINE_S + ROOM_S
    assert cost.ended_s < 2 * DEADLINE_S + ROOM_S
    assert cost.peak_bytes < 10 * MAX_PEAK_BYTES
