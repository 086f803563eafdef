"""Refunds: pending, then permanently processed or failed."""

from itertools import product

import pytest

from chalicelib.domain.refund import REFUND_TRANSITIONS, RefundStatus

ALLOWED = {
    (RefundStatus.PENDING, RefundStatus.PROCESSED),
    (RefundStatus.PENDING, RefundStatus.FAILED),
}


def test_every_status_has_its_transitions():
    assert set(REFUND_TRANSITIONS) == set(RefundStatus)


@pytest.mark.parametrize(("source", "target"), list(product(RefundStatus, RefundStatus)))
def test_a_refund_has_only_the_listed_transitions(source: RefundStatus, target: RefundStatus):
    assert (target in REFUND_TRANSITIONS[source]) is ((source, target) in ALLOWED)


def test_the_names_are_the_documented_ones():
    assert {status.value for status in RefundStatus} == {"pending", "processed", "failed"}
