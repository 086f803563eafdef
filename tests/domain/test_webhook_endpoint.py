"""Webhook endpoints: signing secrets, subscriptions, keys and health."""

import json
from datetime import timedelta
from random import Random

import pytest

from chalicelib.domain.event import EventName
from chalicelib.domain.sample_event import sample_event
from chalicelib.domain.webhook_endpoint import (
    ALL_EVENTS,
    ORIGINAL_EVENTS,
    SECRET_OVERLAP,
    DisabledReason,
    EndpointKey,
    EndpointStatus,
)
from chalicelib.domain.webhook_health import (
    DISABLE_AFTER,
    Hour,
    Results,
    failing_since,
    health_of,
    hour_of,
)
from tests.domain.examples import NOW, webhook_endpoint

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "signing"),
    [(0, ["whsec_new", "whsec_old"]), (23, ["whsec_new", "whsec_old"]), (24, ["whsec_new"])],
)
def test_for_a_day_the_previous_secret_signs_after_the_new_one(hours: int, signing: list[str]):
    one = webhook_endpoint(
        secret="whsec_new", previous_secret="whsec_old", previous_secret_until=NOW + SECRET_OVERLAP
    )
    assert one.signing_secrets(NOW + timedelta(hours=hours)) == signing


def test_a_secret_that_was_never_replaced_is_the_only_signer():
    assert webhook_endpoint(secret="whsec_new").signing_secrets(NOW) == ["whsec_new"]


def test_the_default_subscription_contains_the_original_events_only():
    received = {name for name in EventName if webhook_endpoint().receives(name)}
    assert (
        received
        == ORIGINAL_EVENTS
        == set(EventName)
        - {
            EventName.WEBHOOK_ENDPOINT_DISABLED,
            EventName.PAYMENT_REQUIRES_ACTION,
            EventName.PAYMENT_LATE_AUTHORIZED,
            EventName.PAYMENT_VOIDED,
        }
    )


def test_an_endpoint_receives_what_it_is_subscribed_to():
    refunds = webhook_endpoint(events=frozenset({"refund.created"}))
    assert [name for name in EventName if refunds.receives(name)] == [EventName.REFUND_CREATED]
    every = webhook_endpoint(events=frozenset({ALL_EVENTS}))
    assert all(every.receives(name) for name in EventName)
    assert not any(webhook_endpoint(url=None, events=every.events).receives(name) for name in EventName)


def test_a_disabled_endpoint_has_the_status_disabled():
    assert webhook_endpoint().status is EndpointStatus.ENABLED
    disabled = webhook_endpoint(disabled_at=NOW, disabled_reason=DisabledReason.REQUESTED)
    assert disabled.status is EndpointStatus.DISABLED


@pytest.mark.parametrize("key", [EndpointKey("merchant"), EndpointKey("merchant", "we_A1b2C3d4E5f6G7h8")])
def test_a_key_is_parsed_from_its_text(key: EndpointKey):
    assert EndpointKey.parse(key.text) == key


@pytest.mark.parametrize("name", EventName)
def test_every_event_has_a_sample(name: EventName):
    event = sample_event(name, "merchant", webhook_endpoint(), now=NOW, random=Random(1))
    body = json.loads(event.body())
    assert (event.name, body["event"], event.at) == (name, name, NOW)
    kind = name.partition(".")[0]
    assert ("refund" if kind == "refund" else "payment") in body["data"] or kind == "webhook_endpoint"
    assert "whsec" not in event.body()


def hours(*results: tuple[float, int, int]) -> list[Hour]:
    """Hours with results: days before NOW, accepted, failed."""
    return [
        Hour(start=hour_of(NOW - timedelta(days=days)), results=Results(accepted=accepted, failed=failed))
        for days, accepted, failed in results
    ]


EVERY_DAY = [(day + 0.1, 0, 3) for day in range(DISABLE_AFTER.days + 1)]


@pytest.mark.parametrize(
    ("results", "is_due"),
    [
        ([], False),
        (EVERY_DAY, True),
        (EVERY_DAY[:-1], False),
        ([(0, 0, 1), (4.9, 0, 1)], False),  # two failures, several days apart
        ([*EVERY_DAY, (1, 1, 0)], False),  # 1 of 19 was accepted
        ([*EVERY_DAY, (1, 1, 20)], True),  # 1 of 39
        ([*EVERY_DAY, (9, 100, 0)], True),  # too long ago
    ],
)
def test_an_endpoint_is_disabled_after_days_of_failures_with_hardly_any_success(
    results: list[tuple[float, int, int]], is_due: bool
):
    since = failing_since(hours(*results), enabled_at=None, now=NOW)
    assert since == (hour_of(NOW - DISABLE_AFTER - timedelta(days=0.1)) if is_due else None)


def test_failures_before_an_endpoint_was_enabled_do_not_count():
    enabled_at = NOW - timedelta(days=2)
    assert failing_since(hours(*EVERY_DAY), enabled_at=enabled_at, now=NOW) is None


def test_the_health_contains_the_rate_and_the_latency_of_a_day():
    recent = Results(
        accepted=3, failed=1, latency_ms=800, last_success_at=NOW - HOUR, last_failure_at=NOW - 2 * HOUR
    )
    old = Results(accepted=7, failed=7, latency_ms=7, last_failure_at=NOW - 50 * HOUR)
    health = health_of(
        [Hour(start=hour_of(NOW - 50 * HOUR), results=old), Hour(start=hour_of(NOW - HOUR), results=recent)],
        NOW,
    )
    assert (health.success_rate_24h, health.latency_ms_24h) == (0.75, 200)
    assert (health.last_success_at, health.last_failure_at) == (NOW - HOUR, NOW - 2 * HOUR)


def test_an_endpoint_without_attempts_has_no_rate():
    health = health_of([], NOW)
    assert (health.success_rate_24h, health.latency_ms_24h, health.last_success_at) == (None, None, None)
