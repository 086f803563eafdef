"""Refunds: pending once, then processed or failed for good."""

from itertools import product

import pytest

from chalicelib.domain.refund import REFUND_TRANSITIONS, RefundStatus

ALLOWED = {
    (RefundStatus.PENDING, RefundStatus.PROCESSED),
    (RefundStatus.PENDING, RefundStatus.FAILED),
}


def test_every_status_says_what_may_follow_it():
    assert set(REFUND_TRANSITIONS) == set(RefundStatus)


@pytest.mark.parametrize(("source", "target"), list(product(RefundStatus, RefundStatus)))
def test_a_refund_moves_only_as_listed(source: RefundStatus, target: RefundStatus):
    assert (target in REFUND_TRANSITIONS[source]) is ((source, target) in ALLOWED)


def test_the_names_are_those_of_the_contract():
    assert {status.value for status in RefundStatus} == {"pending", "processed", "failed"}
