"""One payment, requested many times with one idempotency key."""

import uuid
from dataclasses import replace
from functools import partial

import requests

from tests.e2e.api import UPI, Api, Json
from tests.races.crowd import PATIENCE_S, rush
from tests.races.race import Race

TRIES = 5  # of an impatient client, before it uses a long time-out
IMPATIENCE_S = 0.02  # less than any response takes under load


def one_payment_requested_concurrently(merchant: Api, count: int) -> Race:
    """``count`` concurrent requests with the same key."""
    merchant = replace(merchant, timeout_s=PATIENCE_S)
    order_id, key = merchant.order()["id"], str(uuid.uuid4())
    seen = rush([lambda: _pay(merchant, order_id, key)] * count)
    race = Race(f"{count} payments with the same key", count, count, seen.wall_s, seen.statuses)

    answers = {answer.content for answer in seen.of(201)}
    replayed = sum("Idempotent-Replayed" in answer.headers for answer in seen.of(201))
    made = _payments(merchant)
    race.fact(f"{len(made)} payment created; {len(answers)} different response, {replayed} replays")
    race.require(set(seen.statuses) <= {201, 429}, "a request succeeds or is throttled")
    race.require(len(made) == 1, "one payment for one key")
    race.require(len(answers) == 1, "all responses are byte-identical")
    race.require(replayed >= len(seen.of(201)) - 1, "all but the first response are marked as replays")
    return race


def impatient_clients(merchant: Api, count: int) -> Race:
    """``count`` concurrent payments, each by a client that times out and retries with the same key."""
    order_ids = [merchant.order()["id"] for _ in range(count)]
    timed_out: list[str] = []

    def pay_with_retries(order_id: str) -> requests.Response:
        hasty = replace(merchant, timeout_s=IMPATIENCE_S)
        for _ in range(TRIES):
            try:
                return _pay(hasty, order_id, order_id)
            except requests.Timeout:
                timed_out.append(order_id)
        return _pay(replace(merchant, timeout_s=PATIENCE_S), order_id, order_id)

    seen = rush([partial(pay_with_retries, order_id) for order_id in order_ids])
    asked = count + len(timed_out)
    race = Race(f"{count} clients that time out and retry", asked, count, seen.wall_s, seen.statuses)

    made = _payments(merchant)
    race.fact(f"{len(timed_out)} requests timed out; {len(made)} payments created")
    race.require(len(timed_out) > 0, "some clients must time out")
    race.require(set(seen.statuses) <= {201, 429}, "a request succeeds or is throttled")
    race.require(sorted(each["order_id"] for each in made) == sorted(order_ids), "one payment for one key")
    returned = {answer.json()["id"] for answer in seen.of(201)}
    race.require(returned <= {each["id"] for each in made}, "every returned payment was created")
    return race


def _pay(merchant: Api, order_id: str, key: str) -> requests.Response:
    return merchant.post("/payments", {"order_id": order_id, **UPI}, headers={"Idempotency-Key": key})


def _payments(merchant: Api) -> list[Json]:
    return merchant.pages("/payments", "limit=100")
