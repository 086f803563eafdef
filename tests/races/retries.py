"""Concurrent manual retries of one webhook log."""

import time
from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.webhook_log import MAX_SHOWN_ATTEMPTS
from infra.local.receiver import Behaviour
from infra.local.receiver.received_webhook import ReceivedWebhook
from tests.e2e.api import Api
from tests.races.crowd import PATIENCE_S, rush
from tests.races.race import Race

QUIET_S = 5.0  # without a change, after which no duplicate is in transit


def retries_of_one_log(merchant: Api, count: int) -> Race:
    """``count`` concurrent manual retries of a log whose receiver had failed, and is slow now."""
    merchant = replace(merchant, timeout_s=PATIENCE_S)
    with merchant.receiver() as receiver:
        receiver.behaviour = Behaviour(status=410)  # a 410 ends the log immediately
        merchant.send_webhooks_to(receiver.url)
        merchant.payment()
        log = merchant.log_of("payment.created", lambda log: log["status"] == "failed")
        receiver.behaviour = Behaviour(delay_s=0.2)
        seen = rush([lambda: merchant.post(f"/webhooks/{log['id']}/retry")] * count)
        race = Race(f"{count} manual retries of one webhook", count, count, seen.wall_s, seen.statuses)

        def arrived() -> list[ReceivedWebhook]:
            return [each for each in receiver.deliveries if each.webhook_id == log["id"]]

        def state() -> tuple[str, int]:
            return merchant.get(f"/webhooks/{log['id']}").json()["status"], len(arrived())

        _wait_until_settled(state)
        received = arrived()
    after = merchant.get(f"/webhooks/{log['id']}").json()

    accepted, sent_again, kept = len(seen.of(200)), len(received) - 1, len(after["attempt_log"])
    race.fact(
        f"{accepted} retries were accepted, {sent_again} deliveries were made; the log is {after['status']}"
    )
    race.require(set(seen.statuses) <= {200, 429}, "a retry is accepted or throttled")
    race.require(
        1 <= sent_again <= accepted, "each retry has at most one delivery, and all together at least one"
    )
    race.require(len({each.body for each in received}) == 1, "each delivery has the same body")
    race.require(
        min(len(received), MAX_SHOWN_ATTEMPTS) <= kept <= len(received),
        "a delivery is one attempt of the log",
    )
    race.require((after["status"], after["next_retry_at"]) == ("success", None), "the log ends with success")
    return race


def _wait_until_settled(read: Callable[[], tuple[str, int]]) -> None:
    """Until the log is not pending, and its status and the number of deliveries stay the same for QUIET_S.

    A pending log has an attempt that is still to be made, however long the workers take for it.
    """
    state, since, end = read(), time.monotonic(), time.monotonic() + PATIENCE_S
    while state[0] == "pending" or time.monotonic() - since < QUIET_S:
        assert time.monotonic() < end, f"the log is {state[0]} after {PATIENCE_S:.0f} s"
        time.sleep(QUIET_S / 10)
        latest = read()
        if latest != state:
            state, since = latest, time.monotonic()
