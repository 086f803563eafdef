"""Each failure of a receiver takes one bounded attempt, and the next attempt follows the schedule."""

import socket
from contextlib import ExitStack
from datetime import datetime

import pytest

from infra.local.receiver import Behaviour
from tests.e2e.api import UNREACHABLE_URL, Api, Json, assert_error

pytestmark = pytest.mark.contract("8")

GONE = "00000000-0000-4000-8000-000000000000"
ATTEMPT_LIMIT_S = 5
FIRST_RETRY_S = 5
BUSY_S = 20  # the maximum delay on a busy machine; production retries after 60 s


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def attempted(merchant: Api) -> Json:
    """Wait for the first attempt of a payment's `payment.created` log, and return the log."""
    return merchant.log_of("payment.created", lambda log: log["attempts"] == 1)


@pytest.mark.sensitive("measures real intervals")
def test_the_third_attempt_follows_the_schedule_after_two_failures(merchant):
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(fail_first=2)
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment()
        first, second, third = receiver.wait_for("payment.success", payment_id=payment["id"], count=3)
        assert [first.status, second.status, third.status] == [500, 500, 200]
        assert first.webhook_id == second.webhook_id == third.webhook_id
        assert first.body == second.body == third.body
        assert third.verified
        log = merchant.log_of("payment.success", lambda log: log["status"] == "success")
    assert (log["attempts"], log["response_code"], log["next_retry_at"]) == (3, 200, None)
    began = [each["at"] for each in merchant.get(f"/webhooks/{log['id']}").json()["attempt_log"]]
    assert seconds_between(began[0], began[1]) >= 5
    assert seconds_between(began[1], began[2]) >= 10


MISBEHAVING = {
    "fails": Behaviour(status=500),
    "refuses at length": Behaviour(status=404, body="endless"),
    "hangs": Behaviour(delay_s=30),
    "drips": Behaviour(body="dripping"),
}


@pytest.fixture(scope="module")
def logs_of_misbehaving(new_merchant) -> dict[str, Json]:
    """The log after the first attempt for each behaviour. All run concurrently: most take 5 s."""
    merchants = {name: new_merchant() for name in (*MISBEHAVING, "is silent")}
    with ExitStack() as running:
        for name, behaviour in MISBEHAVING.items():
            receiver = running.enter_context(merchants[name].receiver())
            receiver.behaviour = behaviour
            merchants[name].send_webhooks_to(receiver.url)
        silent = running.enter_context(socket.create_server(("127.0.0.1", 0)))
        merchants["is silent"].send_webhooks_to(f"http://localhost:{silent.getsockname()[1]}/webhook")
        for merchant in merchants.values():
            merchant.payment()
        return {name: attempted(merchant) for name, merchant in merchants.items()}


@pytest.mark.sensitive("measures real intervals")
@pytest.mark.parametrize(
    ("name", "response_code"),
    [("fails", 500), ("refuses at length", 404), ("hangs", None), ("drips", None), ("is silent", None)],
)
def test_a_misbehaving_receiver_takes_one_bounded_attempt(logs_of_misbehaving, name, response_code):
    log = logs_of_misbehaving[name]
    assert log["status"] == "pending"
    assert log["response_code"] == response_code
    waited = seconds_between(log["last_attempt_at"], log["next_retry_at"])
    assert FIRST_RETRY_S <= waited <= FIRST_RETRY_S + ATTEMPT_LIMIT_S + BUSY_S


def test_a_410_response_ends_the_retries(merchant):
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(status=410)
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        log = attempted(merchant)
    assert (log["status"], log["response_code"], log["next_retry_at"]) == ("failed", 410, None)


def test_a_success_status_with_an_endless_body_is_a_success(merchant):
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(body="endless")
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        assert attempted(merchant)["status"] == "success"


def test_a_redirect_is_not_followed(merchant):
    with merchant.receiver() as elsewhere, merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(redirect_to=elsewhere.url)
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        log = attempted(merchant)
        assert (log["status"], log["response_code"]) == ("pending", 307)
        assert elsewhere.deliveries == []


def test_an_unreachable_receiver_is_a_failed_attempt(merchant):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    merchant.payment()
    log = attempted(merchant)
    assert (log["status"], log["response_code"]) == ("pending", None)


@pytest.mark.contract("5", "POST /webhooks/{log_id}/retry")
def test_a_manual_retry_uses_the_current_url_and_cancels_the_schedule(merchant):
    merchant.send_webhooks_to(UNREACHABLE_URL)
    payment = merchant.payment()
    log = attempted(merchant)
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        response = merchant.post(f"/webhooks/{log['id']}/retry")
        assert response.status_code == 200
        assert response.json() == {
            "id": log["id"],
            "status": "pending",
            "message": "Webhook retry scheduled",
        }
        delivery = receiver.wait_for("payment.created", payment_id=payment["id"])[0]
        assert delivery.webhook_id == log["id"]
        after = merchant.log_of("payment.created", lambda log: log["status"] == "success")
        assert after["attempts"] == 1
        with pytest.raises(TimeoutError):
            receiver.wait_for("payment.created", payment_id=payment["id"], count=2, timeout_s=7)


def test_a_delivered_webhook_can_be_retried(merchant):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment()
        log = merchant.log_of("payment.created", lambda log: log["status"] == "success")
        merchant.post(f"/webhooks/{log['id']}/retry")
        first, second = receiver.wait_for("payment.created", payment_id=payment["id"], count=2)[:2]
    assert (first.body, first.webhook_id) == (second.body, second.webhook_id)


@pytest.mark.parametrize("log_id", [GONE, "nonsense"])
def test_an_unknown_log_cannot_be_retried(merchant, log_id):
    assert_error(merchant.post(f"/webhooks/{log_id}/retry"), 404, "NOT_FOUND_ERROR", "Webhook log not found")
