"""Webhook logs: the log of an event, and its state after an attempt."""

import json
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.backoff import PRODUCTION_DELAYS_S, TEST_DELAYS_S
from chalicelib.domain.event import EventName, PayloadFormat, PaymentEvent
from chalicelib.domain.webhook_endpoint import DEFAULT_ID
from chalicelib.domain.webhook_log import (
    GONE,
    WEBHOOK_TRANSITIONS,
    Attempt,
    AttemptResult,
    Trigger,
    WebhookStatus,
    evaluate,
    log_for,
)
from tests.domain.examples import (
    NOW,
    attempt,
    event,
    moments,
    payment,
    refund,
    webhook_endpoint,
    webhook_log,
)
from tests.rounds import rounds

ALLOWED = {
    (WebhookStatus.PENDING, WebhookStatus.PENDING),
    (WebhookStatus.PENDING, WebhookStatus.SUCCESS),
    (WebhookStatus.PENDING, WebhookStatus.FAILED),
    (WebhookStatus.SUCCESS, WebhookStatus.PENDING),
    (WebhookStatus.FAILED, WebhookStatus.PENDING),
}


def is_passing(code: int) -> bool:
    """Whether the response is a failure that a retry may resolve."""
    return code // 100 != 2 and code != GONE


failures = st.one_of(
    st.builds(attempt, at=moments, response_code=st.integers(100, 599).filter(is_passing)),
    st.builds(attempt, at=moments, response_code=st.none(), error=st.just("no answer in time")),
)
schedules = st.sampled_from([PRODUCTION_DELAYS_S, TEST_DELAYS_S])


def test_every_status_has_its_transitions():
    assert set(WEBHOOK_TRANSITIONS) == set(WebhookStatus)


@pytest.mark.parametrize(("source", "target"), list(product(WebhookStatus, WebhookStatus)))
def test_a_log_has_only_the_listed_transitions(source: WebhookStatus, target: WebhookStatus):
    assert (target in WEBHOOK_TRANSITIONS[source]) is ((source, target) in ALLOWED)


def test_a_new_event_has_a_log_that_is_due_immediately():
    fact = event(EventName.PAYMENT_FAILED)
    log = log_for(fact, webhook_endpoint())
    assert (log.id, log.event, log.body) == (fact.id, "payment.failed", fact.body())
    assert (log.payment_id, log.merchant_id) == (fact.payment.id, fact.payment.merchant_id)
    assert (log.created_at, log.next_retry_at) == (NOW, NOW)
    assert (log.status, log.attempts, log.round, log.history) == (WebhookStatus.PENDING, 0, 0, ())
    assert (log.endpoint_id, log.amount, log.currency) == (DEFAULT_ID, 50_000, "INR")


def test_each_endpoint_has_its_own_log_of_an_event():
    endpoints = [webhook_endpoint(), webhook_endpoint(id="we_1"), webhook_endpoint(id="we_2")]
    logs = [log_for(event(), one) for one in endpoints]
    assert [log.endpoint_id for log in logs] == ["default", "we_1", "we_2"]
    assert len({log.id for log in logs}) == 3
    assert [log.id for log in logs] == [log_for(event(), one).id for one in endpoints]


def test_the_log_of_a_refund_has_the_amount_of_the_refund():
    given_back = refund(amount=123)
    fact = PaymentEvent.of(EventName.REFUND_CREATED, payment(), sequence=4, refund=given_back)
    assert log_for(fact, webhook_endpoint()).amount == 123


def test_a_thin_body_contains_only_ids():
    fact = PaymentEvent.of(EventName.REFUND_CREATED, payment(), sequence=4, refund=refund())
    body = json.loads(log_for(fact, webhook_endpoint(payload=PayloadFormat.THIN)).body)
    assert body == {
        "event": "refund.created",
        "timestamp": int(fact.at.timestamp()),
        "id": fact.id,
        "data": {"payment": {"id": fact.payment.id}, "refund": {"id": refund().id}},
        "sequence": 4,
    }


def test_a_log_is_retrying_between_its_attempts():
    assert not webhook_log().is_retrying
    assert webhook_log(attempts=1).is_retrying
    assert not webhook_log(attempts=5, status=WebhookStatus.FAILED).is_retrying


@pytest.mark.parametrize("code", [None, 100, 199, 200, 201, 204, 299, 300, 302, 400, 404, 410, 429, 500, 599])
def test_an_attempt_succeeds_with_any_2xx_and_no_other_status(code: int | None):
    assert attempt(response_code=code).succeeded is (code in {200, 201, 204, 299})


@given(code=st.integers(200, 299), made=st.integers(0, 4), schedule=schedules)
def test_a_success_ends_the_log_at_any_attempt(code: int, made: int, schedule: tuple[int, ...]):
    verdict = evaluate(webhook_log(attempts=made), attempt(response_code=code), schedule)
    assert verdict == AttemptResult(status=WebhookStatus.SUCCESS, attempts=made + 1, next_retry_at=None)


@given(failure=failures, made=st.integers(0, 3), schedule=schedules)
def test_a_failed_attempt_is_followed_by_the_next_with_a_delay_from_its_own_time(
    failure: Attempt, made: int, schedule: tuple[int, ...]
):
    verdict = evaluate(webhook_log(attempts=made), failure, schedule)
    due = failure.at + timedelta(seconds=schedule[made + 1])
    assert verdict == AttemptResult(status=WebhookStatus.PENDING, attempts=made + 1, next_retry_at=due)


@pytest.mark.parametrize("made", range(5))
def test_a_410_response_ends_the_log_at_any_attempt(made: int):
    verdict = evaluate(webhook_log(attempts=made), attempt(response_code=GONE), PRODUCTION_DELAYS_S)
    assert verdict == AttemptResult(status=WebhookStatus.FAILED, attempts=made + 1, next_retry_at=None)


def test_retry_after_delays_the_next_attempt():
    asking = attempt(response_code=503, retry_after_s=600)
    assert evaluate(webhook_log(), asking, PRODUCTION_DELAYS_S).next_retry_at == NOW + timedelta(seconds=600)


def test_a_log_of_a_disabled_url_can_be_retried_manually():
    log = log_for(event(), webhook_endpoint(disabled_at=NOW))
    assert (log.status, log.next_retry_at, log.attempts) == (WebhookStatus.FAILED, None, 0)


@given(failure=failures, schedule=schedules)
def test_the_fifth_failed_attempt_ends_the_log(failure: Attempt, schedule: tuple[int, ...]):
    verdict = evaluate(webhook_log(attempts=4), failure, schedule)
    assert verdict == AttemptResult(status=WebhookStatus.FAILED, attempts=5, next_retry_at=None)


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [(PRODUCTION_DELAYS_S, [0, 60, 360, 2_160, 9_360]), (TEST_DELAYS_S, [0, 5, 15, 30, 50])],
)
def test_a_receiver_that_never_responds_receives_five_attempts(schedule: tuple[int, ...], seconds: list[int]):
    log, due, asked = webhook_log(), NOW, list[datetime]()
    for _ in rounds("the log is final", at_most=10):
        if log.status is not WebhookStatus.PENDING:
            break
        asked.append(due)
        verdict = evaluate(log, attempt(at=due, response_code=500), schedule)
        log = webhook_log(status=verdict.status, attempts=verdict.attempts)
        due = verdict.next_retry_at or due
    assert asked == [NOW + timedelta(seconds=wait) for wait in seconds]
    assert log.status is WebhookStatus.FAILED


def test_the_status_after_an_attempt_is_allowed_by_the_table():
    verdicts = [
        evaluate(webhook_log(attempts=made), attempt(response_code=code), TEST_DELAYS_S)
        for made, code in product(range(5), (200, 500))
    ]
    assert {verdict.status for verdict in verdicts} == WEBHOOK_TRANSITIONS[WebhookStatus.PENDING]


@pytest.mark.parametrize(
    ("round_", "made", "trigger"),
    [
        (0, 0, Trigger.SCHEDULED),
        (0, 3, Trigger.SCHEDULED),
        (1, 0, Trigger.MANUAL),
        (1, 1, Trigger.SCHEDULED),
        (7, 0, Trigger.MANUAL),
    ],
)
def test_only_the_first_attempt_of_a_manual_round_is_manual(round_: int, made: int, trigger: Trigger):
    assert webhook_log(round=round_, attempts=made).trigger is trigger
