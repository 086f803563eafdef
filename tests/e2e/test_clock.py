"""The test clock on the real queues: retries of hours take seconds."""

import threading
import time
from datetime import datetime, timedelta

import pytest

from infra.local.receiver import Behaviour
from tests.e2e.api import Api, assert_error

RETRIES = "2h36m30s"
HOLDS_S = 3  # a slow receiver, so that the first advance lasts


@pytest.mark.contract("12", "GET /test/clock", "POST /test/clock")
def test_an_advance_makes_all_attempts_of_a_webhook(merchant: Api):
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(status=500)
        merchant.send_webhooks_to(receiver.url)
        merchant.post("/webhooks/test")
        clock = merchant.advance(RETRIES)
    assert clock == merchant.get("/test/clock").json() | {
        name: clock[name] for name in ("now", "real_time", "processed")
    }
    log = merchant.log_of("webhook.test", lambda log: log["status"] == "failed")
    assert log["attempts"] == 5


@pytest.mark.contract("3", "CLOCK_ADVANCING")
def test_only_one_of_two_concurrent_advances_moves_the_clock(merchant: Api):
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(status=500, delay_s=HOLDS_S)
        merchant.send_webhooks_to(receiver.url)
        merchant.post("/webhooks/test")
        first = threading.Thread(target=merchant.post, args=("/test/clock", {"advance": "1h"}))
        first.start()
        while merchant.get("/test/clock").json()["status"] == "idle" and first.is_alive():
            time.sleep(0.02)
        assert_error(merchant.post("/test/clock", {"advance": "1d"}), 409, "CLOCK_ADVANCING")
        first.join()
    clock = merchant.get("/test/clock").json()
    ahead = datetime.fromisoformat(clock["now"]) - datetime.fromisoformat(clock["real_time"])
    assert ahead < timedelta(hours=2)
