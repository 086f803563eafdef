"""One payment, asked for many times with one idempotency key."""

import uuid
from dataclasses import replace
from functools import partial

import requests

from tests.e2e.api import UPI, Api, Json
from tests.races.crowd import PATIENCE_S, rush
from tests.races.race import Race

TRIES = 5  # of a client that gives up too soon, before it waits
IMPATIENCE_S = 0.02  # less than any answer takes when many ask


def one_payment_asked_for_at_once(merchant: Api, count: int) -> Race:
    """``count`` requests with the same key at once."""
    merchant = replace(merchant, timeout_s=PATIENCE_S)
    order_id, key = merchant.order()["id"], str(uuid.uuid4())
    seen = rush([lambda: _pay(merchant, order_id, key)] * count)
    race = Race(f"{count} payments with the same key", count, count, seen.wall_s, seen.statuses)

    answers = {answer.content for answer in seen.of(201)}
    replayed = sum("Idempotent-Replayed" in answer.headers for answer in seen.of(201))
    made = _payments(merchant)
    race.fact(f"{len(made)} payment made; {len(answers)} answer, which {replayed} got as a replay")
    race.require(set(seen.statuses) <= {201, 429}, "a request is answered, or told to come again")
    race.require(len(made) == 1, "one payment for one key")
    race.require(len(answers) == 1, "everybody gets the same answer, to the byte")
    race.require(replayed >= len(seen.of(201)) - 1, "all but the first know that theirs is a replay")
    return race


def impatient_clients(merchant: Api, count: int) -> Race:
    """``count`` payments at once, each by a client that times out and asks again with the same key."""
    order_ids = [merchant.order()["id"] for _ in range(count)]
    given_up: list[str] = []

    def insist(order_id: str) -> requests.Response:
        hasty = replace(merchant, timeout_s=IMPATIENCE_S)
        for _ in range(TRIES):
            try:
                return _pay(hasty, order_id, order_id)
            except requests.Timeout:
                given_up.append(order_id)
        return _pay(replace(merchant, timeout_s=PATIENCE_S), order_id, order_id)

    seen = rush([partial(insist, order_id) for order_id in order_ids])
    asked = count + len(given_up)
    race = Race(f"{count} clients that give up and ask again", asked, count, seen.wall_s, seen.statuses)

    made = _payments(merchant)
    race.fact(f"{len(given_up)} requests were given up on; {len(made)} payments made")
    race.require(len(given_up) > 0, "some clients give up, or this shows nothing")
    race.require(set(seen.statuses) <= {201, 429}, "a request is answered, or told to come again")
    race.require(sorted(each["order_id"] for each in made) == sorted(order_ids), "one payment for one key")
    told = {answer.json()["id"] for answer in seen.of(201)}
    race.require(told <= {each["id"] for each in made}, "an answer names a payment that was made")
    return race


def _pay(merchant: Api, order_id: str, key: str) -> requests.Response:
    return merchant.post("/payments", {"order_id": order_id, **UPI}, headers={"Idempotency-Key": key})


def _payments(merchant: Api) -> list[Json]:
    return merchant.pages("/payments", "limit=100")
