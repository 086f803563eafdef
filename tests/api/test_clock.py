"""The test clock: what becomes due is processed in order, for one merchant, as in real time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.acquirers.base import ActionRequired, Unknown
from chalicelib.domain.clock import no_offset, utc_now
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.services import merchant_clocks as merchant_clocks_service
from chalicelib.services.onboarding import OnboardingError
from chalicelib.store import merchant_clocks
from tests.api.client import UPI, Api, Json, assert_bad_request, assert_error, made, shown
from tests.api.webhooks import listed, set_url, url_of
from tests.cloud import Cloud
from tests.sleeping import replace_sleep

RETRIES = timedelta(hours=2, minutes=36)  # from the first attempt of a webhook to the last
TOLERANCE = timedelta(seconds=3)  # of 4 intervals: SQS's delays are whole seconds

BUSY = "Another request is moving this clock; try again when it is done"

Attempts = list[tuple[str, int, timedelta]]


@pytest.fixture(autouse=True)
def _running(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workers run while the clock waits for them."""
    replace_sleep(monkeypatch, merchant_clocks_service, lambda seconds: cloud.run(for_s=seconds))


def advance(merchant: Api, **by: str) -> Json:
    clock: Json = shown(merchant.post("/test/clock", by))
    assert clock["status"] == "idle", clock
    return clock


def now_of(merchant: Api) -> datetime:
    return datetime.fromisoformat(shown(merchant.get("/test/clock"))["now"])


def attempts_of(merchant: Api) -> Attempts:
    """Event, number and time since the first attempt of all attempts, in order."""
    attempts = []
    for one in listed(merchant):
        log = shown(merchant.get(f"/webhooks/{one['id']}"))
        times = [datetime.fromisoformat(attempt["at"]) for attempt in log["attempt_log"]]
        attempts += [(at, log["event"], number, at - times[0]) for number, at in enumerate(times, start=1)]
    return [(event, number, since) for _, event, number, since in sorted(attempts)]


def sells(cloud: Cloud, merchant: Api, wait: Callable[[timedelta], object]) -> Attempts:
    """A payment and its refund, with a receiver that fails; ``wait`` lets the time pass."""
    set_url(merchant)
    events = {"events": ["payment.success", "refund.processed"]}
    shown(merchant.patch("/webhooks/endpoints/default", events))
    cloud.sender.script_of[url_of(merchant)] = [503] * 10
    payment = merchant.payment()
    wait(timedelta(minutes=2))
    merchant.refund(payment["id"])
    wait(timedelta(hours=3))
    return attempts_of(merchant)


def test_the_attempts_are_those_of_real_time_in_the_same_order(cloud: Cloud, new_merchant: Callable[[], Api]):
    real = sells(cloud, new_merchant(), lambda passes: cloud.run(for_s=passes.total_seconds()))
    merchant = new_merchant()
    moved = sells(cloud, merchant, lambda passes: advance(merchant, advance=f"{passes.seconds}s"))
    assert [attempt[:2] for attempt in moved] == [attempt[:2] for attempt in real]
    assert len(real) == 2 * 5
    for (_, _, since), (_, _, expected) in zip(moved, real, strict=True):
        assert abs(since - expected) < TOLERANCE


def test_all_attempts_of_a_webhook_take_at_most_5_seconds(cloud: Cloud, merchant: Api):
    set_url(merchant)
    cloud.sender.script_of[url_of(merchant)] = [503] * 5
    made(merchant.post("/webhooks/test"))
    started = utc_now()
    clock = advance(merchant, advance="2h36m30s")
    assert utc_now() - started <= timedelta(seconds=5)
    assert clock["processed"] >= 5
    (log,) = listed(merchant)
    assert (log["status"], log["attempts"]) == ("failed", 5)
    (*_, last) = attempts_of(merchant)[-1]
    assert RETRIES <= last < RETRIES + TOLERANCE


def test_a_upi_request_expires(cloud: Cloud, merchant: Api):
    action = NextAction(type=ActionType.UPI, url="upi://pay", expires_at=utc_now() + timedelta(minutes=5))
    required = ActionRequired(reference="ref", action=action)
    cloud.acquirer.script = [required, required]
    payment = merchant.payment(flow="intent", vpa=None)
    advance(merchant, advance="1m")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["next_action"]
    cloud.acquirer.script = [required]
    advance(merchant, advance="4m")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["decline_code"] == "expired"
    cloud.acquirer.script.clear()  # the bank approves the cancelled charge late
    advance(merchant, advance="1h")
    assert cloud.gateway.payments.get(payment["id"]).late_authorized_at


def test_a_payment_without_an_outcome_is_asked_for_one_again(cloud: Cloud, merchant: Api):
    cloud.acquirer.script = [Unknown(), Unknown()]
    payment = merchant.payment()
    advance(merchant, advance="1m")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["status"] == "success"


def test_reserved_money_that_is_not_captured_in_time_is_released(cloud: Cloud, merchant: Api):
    payment = merchant.payment(capture="manual")
    advance(merchant, advance="1m")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["status"] == "success"
    advance(merchant, advance=f"{cloud.acquirer.capture_period.days}d")
    assert shown(merchant.get(f"/payments/{payment['id']}"))["void_reason"] == "expired"


def test_an_order_expires(merchant: Api):
    order = merchant.order(expires_at=(utc_now() + timedelta(days=1)).isoformat())
    advance(merchant, advance="1d")
    response = merchant.post("/payments", {"order_id": order["id"], **UPI})
    assert_error(response, 409, "ORDER_EXPIRED", "Order has expired", "order_id")


def test_an_idempotency_key_is_new_after_24_hours(merchant: Api):
    def order() -> Json:
        return made(merchant.post("/orders", {"amount": 500}, key="one"))

    first = order()
    advance(merchant, advance="23h59m")
    assert order()["id"] == first["id"]
    advance(merchant, advance="1m")
    assert order()["id"] != first["id"]


def test_the_overlap_of_a_signing_secret_ends(cloud: Cloud, merchant: Api):
    set_url(merchant)
    shown(merchant.post("/webhooks/secret/regenerate"))

    def signatures() -> int:
        made(merchant.post("/webhooks/test"))
        cloud.run()
        return len(cloud.sender.delivered[-1].headers["webhook-signature"].split())

    assert signatures() == 2
    advance(merchant, advance="1d")
    assert signatures() == 1


def test_the_overlap_of_an_api_secret_ends(cloud: Cloud, merchant: Api):
    cloud.gateway.onboarding.roll_api_secret(merchant.merchant_id, overlap=timedelta(hours=1))
    assert merchant.get("/merchants/me").status_code == 200
    advance(merchant, advance="1h")
    assert merchant.get("/merchants/me").status_code == 401


def test_a_signature_has_the_real_time(cloud: Cloud, merchant: Api):
    """Receivers reject old and future signatures."""
    set_url(merchant)
    advance(merchant, advance="30d")
    made(merchant.post("/webhooks/test"))
    cloud.run()
    sent = cloud.sender.delivered[-1]
    assert int(sent.headers["webhook-timestamp"]) == int(sent.at.timestamp())


def test_new_objects_have_the_time_of_the_merchant(merchant: Api):
    to = utc_now() + timedelta(days=100)
    advance(merchant, to=to.isoformat())
    assert datetime.fromisoformat(merchant.order()["created_at"]) >= to


def test_a_session_does_not_expire_with_the_clock(merchant: Api):
    """Otherwise the control in the dashboard signs its user out."""
    body = {"email": merchant.email, "password": "correct horse battery staple"}
    session = merchant.bearing(made(merchant.anonymous.post("/sessions", body))["token"])
    advance(session, advance="2d")
    assert session.get("/merchants/me").status_code == 200


def test_another_merchant_is_not_affected(cloud: Cloud, merchant: Api, stranger: Api):
    set_url(stranger)
    cloud.sender.script_of[url_of(stranger)] = [503] * 5
    made(stranger.post("/webhooks/test"))
    cloud.run()
    advance(merchant, advance="1d")
    (log,) = listed(stranger)
    assert log["attempts"] == 1
    assert now_of(stranger) == utc_now()


@pytest.mark.parametrize(
    ("body", "field", "description"),
    [
        ({"advance": "-1h"}, "advance", "advance must be a duration such as 1d, 2h36m or 90s"),
        ({"advance": ""}, "advance", "advance must be a duration such as 1d, 2h36m or 90s"),
        ({"advance": "0s"}, "advance", "The clock can only be moved forwards"),
        ({"advance": "401d"}, "advance", "The clock can be at most 400 days ahead of the real time"),
        ({"advance": "999999d"}, "advance", "The clock can be at most 400 days ahead of the real time"),
        ({"to": "2020-01-01T00:00:00Z"}, "to", "The clock can only be moved forwards"),
        ({"to": "9999-12-31T23:59:59Z"}, "to", "The clock can be at most 400 days ahead of the real time"),
        ({}, "advance", "Specify either advance or to"),
        ({"advance": "1h", "to": "2027-01-01T00:00:00Z"}, "advance", "Specify either advance or to"),
    ],
)
def test_a_bad_request_moves_nothing(merchant: Api, body: Json, field: str, description: str):
    assert_bad_request(merchant.post("/test/clock", body), description, field)
    assert now_of(merchant) == utc_now()


def test_the_limit_applies_to_all_advances_together(merchant: Api):
    advance(merchant, advance="300d")
    before = now_of(merchant)
    limit = "The clock can be at most 400 days ahead of the real time"
    assert_bad_request(merchant.post("/test/clock", {"advance": "101d"}), limit, "advance")
    assert now_of(merchant) == before


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_there_is_no_clock_in_production(
    cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch, stage: str
):
    advance(merchant, advance="1d")
    production = replace(cloud.gateway, settings=replace(cloud.gateway.settings, stage=stage))
    monkeypatch.setattr("chalicelib.api.routing.gateway", lambda: production)
    for response in (merchant.get("/test/clock"), merchant.post("/test/clock", {"advance": "1h"})):
        assert_error(response, 404, "NOT_FOUND_ERROR", "Route not found")
    assert datetime.fromisoformat(merchant.order()["created_at"]) == utc_now()
    assert production.offset_of is no_offset  # no request reads a clock
    assert production.queues.payments.offset_of is no_offset


def test_a_second_advance_at_the_same_time_is_refused(
    cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch
):
    refused = []

    def race(seconds: float) -> None:
        refused.append(merchant.post("/test/clock", {"advance": "1d"}))
        cloud.run(for_s=seconds)

    replace_sleep(monkeypatch, merchant_clocks_service, race)
    before = now_of(merchant)
    advance(merchant, advance="1h")
    assert refused
    for response in refused:
        assert_error(response, 409, "CLOCK_ADVANCING", BUSY)
    assert now_of(merchant) - before < timedelta(hours=2)


def test_an_advance_that_takes_long_reports_its_progress_and_is_continued(
    cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch
):
    set_url(merchant)
    cloud.sender.script_of[url_of(merchant)] = [503] * 5
    made(merchant.post("/webhooks/test"))
    monkeypatch.setattr("chalicelib.services.merchant_clocks.BUDGET", timedelta(seconds=0.3))
    target = utc_now() + timedelta(hours=3)
    clock = shown(merchant.post("/test/clock", {"to": target.isoformat()}))
    assert clock["status"] == "advancing"
    assert datetime.fromisoformat(clock["target"]) == target
    calls = 1
    while clock["status"] == "advancing":
        clock = shown(merchant.post("/test/clock", {"to": clock["target"]}))
        calls += 1
    assert 1 < calls < 10
    (log,) = listed(merchant)
    assert (log["status"], log["attempts"]) == ("failed", 5)


def test_after_a_crash_the_next_advance_continues(
    cloud: Cloud, merchant: Api, monkeypatch: pytest.MonkeyPatch
):
    set_url(merchant)
    cloud.sender.script_of[url_of(merchant)] = [503] * 5
    made(merchant.post("/webhooks/test"))
    with monkeypatch.context() as crashing:
        crashing.setattr(merchant_clocks.MerchantClockStore, "release", lambda *_, **__: False)
        crashing.setattr("chalicelib.services.merchant_clocks.BUDGET", timedelta(seconds=0.3))
        merchant.post("/test/clock", {"advance": "3h"})
    assert_error(merchant.post("/test/clock", {"advance": "1h"}), 409, "CLOCK_ADVANCING", BUSY)
    reached = now_of(merchant)
    cloud.run(for_s=40)  # until the lease ends
    clock = shown(merchant.get("/test/clock"))
    assert clock["status"] == "advancing"
    advance(merchant, to=clock["target"])
    assert now_of(merchant) >= reached
    (log,) = listed(merchant)
    assert (log["status"], log["attempts"]) == ("failed", 5)


def test_the_clock_of_a_merchant_with_a_real_acquirer_cannot_be_moved(cloud: Cloud, merchant: Api):
    cloud.gateway.stores.merchants.set_acquirer(merchant.merchant_id, PaymentMethod.CARD, "stripe")
    reason = "The clock cannot be moved: the merchant uses the acquirer stripe, whose time is real"
    assert_bad_request(merchant.post("/test/clock", {"advance": "1h"}), reason)


def test_a_merchant_whose_clock_is_ahead_cannot_use_a_real_acquirer(cloud: Cloud, merchant: Api):
    advance(merchant, advance="1h")
    with pytest.raises(OnboardingError, match="test clock is ahead, and stripe has the real time"):
        cloud.gateway.onboarding.set_acquirer(merchant.merchant_id, PaymentMethod.CARD, "stripe")
