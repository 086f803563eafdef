"""Webhook logs against the rows that owe them, and against what the merchant's server received."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.outside import Received
from tests.simulation.world import World

PROMPT = timedelta(seconds=2)  # a whole second is what SQS's delays are told in
GONE = 410
Json = dict[str, Any]


def every_event_has_one_log(world: World) -> None:
    """What happened follows from the rows alone; its number too, 1, 2, 3 and so on."""
    told: Counter[tuple[str, str]] = Counter()
    numbers = defaultdict(list)
    for log in world.rows("webhook_logs"):
        body = json.loads(log["body"])
        refund = body["data"].get("refund")
        told[(refund or body["data"]["payment"])["id"], log["event"]] += 1
        numbers[log["payment_id"]].append(body["sequence"])
    happened = Counter(_happened(world))
    assert told == happened, f"untold {happened - told}, told too often {told - happened}"
    for payment in world.rows("payments"):
        told_as = sorted(numbers[payment["id"]])
        assert told_as == list(range(1, payment["sequence"] + 1)), f"{payment['id']}: numbered {told_as}"


def _happened(world: World) -> list[tuple[str, str]]:
    events = []
    for payment in world.rows("payments"):
        names = ["created", "pending", payment["status"], *["captured"] * bool(payment.get("captured_at"))]
        events += [(payment["id"], f"payment.{name}") for name in names]
    for refund in world.rows("refunds"):
        events += [(refund["id"], f"refund.{name}") for name in ("created", refund["status"])]
    return events


def every_log_came_to_its_end(world: World) -> None:
    """Delivered, refused for good, or given up after exactly its attempts: of the last round, if by hand."""
    attempts_of_all = len(world.settings.webhook_delays_s)
    for log in world.rows("webhook_logs"):
        last_round = _last_round(log)
        codes = [attempt.get("response_code") for attempt in last_round]
        assert len(codes) == log["attempts"], f"{log['id']}: {log['attempts']} attempts, history {codes}"
        assert not any(_is_final(code) for code in codes[:-1]), f"{log['id']} went on after its end: {codes}"
        if log["status"] == "success":
            assert _is_final(codes[-1]), f"{log['id']}: {codes}"
            assert codes[-1] != GONE, f"{log['id']}: {codes}"
        else:
            assert codes[-1] == GONE or (len(codes) == attempts_of_all and not _is_final(codes[-1])), (
                f"{log['id']} failed after {codes}"
            )


def attempts_keep_their_times(world: World) -> None:
    """None before its time, which counts from the attempt before."""
    for log in world.rows("webhook_logs"):
        for due, attempt in _due(world, _last_round(log)):
            assert _at(attempt) >= due, f"{log['id']}: {attempt['at']} is before {due}"


def every_attempt_was_prompt(world: World) -> None:
    for log in world.rows("webhook_logs"):
        first, *_ = _last_round(log)
        assert _at(first) - datetime.fromisoformat(log["created_at"]) <= PROMPT or log["round"]
        for due, attempt in _due(world, _last_round(log)):
            assert _at(attempt) - due <= PROMPT, f"{log['id']}: {attempt['at']} for {due}"


def what_was_received_is_what_is_stored_and_signed(world: World) -> None:
    """Byte for byte at every attempt, under one id, with a secret that was in force while it was sent."""
    logs = {log["id"]: log for log in world.rows("webhook_logs")}
    for received in world.server.received:
        log = logs[received.log_id]
        assert received.body.decode() == log["body"], f"{log['id']} was sent with another body"
        assert any(_verifies(secret, received) for secret in _secrets_in_force(world, received)), log["id"]


def every_request_is_accounted_for(world: World) -> None:
    """It is recorded as an attempt, unless a fault met its worker; a recorded answer was given."""
    for log in world.rows("webhook_logs"):
        received = [one for one in world.server.received if one.log_id == log["id"]]
        certain = [one for one in received if not one.invocation.is_struck]
        assert len(certain) <= len(log["history"]), f"{log['id']}: {len(certain)} sent, {log['history']}"
        answered = [one for one in log["history"] if one.get("response_code") is not None]
        assert len(answered) <= len(received), f"{log['id']}: {len(received)} received, {log['history']}"


def _last_round(log: Json) -> list[Json]:
    """The attempts from the last manual one on; what was under way before it joins the history after it."""
    history = sorted(log["history"], key=lambda attempt: str(attempt["at"]))
    manual = [index for index, attempt in enumerate(history) if attempt["trigger"] == "manual"]
    return history[manual[-1] :] if manual else history


def _due(world: World, attempts: list[Json]) -> list[tuple[datetime, Json]]:
    """Each attempt but the first, with when it was due."""
    delays_s = world.settings.webhook_delays_s
    return [
        (_at(before) + timedelta(seconds=max(delay_s, before.get("retry_after_s") or 0)), attempt)
        for before, attempt, delay_s in zip(attempts, attempts[1:], delays_s[1:], strict=False)
    ]


def _at(attempt: Json) -> datetime:
    return datetime.fromisoformat(attempt["at"])


def _is_final(code: int | None) -> bool:
    return code is not None and (200 <= code <= 299 or code == GONE)


def _secrets_in_force(world: World, received: Received) -> list[str]:
    """Those that were the current one at some moment between the worker's start and the request."""
    started = received.invocation.started_at
    ends = [at for at, _ in world.secrets[1:]] + [datetime.max.replace(tzinfo=received.at.tzinfo)]
    return [
        secret
        for (since, secret), until in zip(world.secrets, ends, strict=True)
        if since <= received.at and until >= started
    ]


def _verifies(secret: str, received: Received) -> bool:
    """By the hex signature, reckoned anew."""
    expected = hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest()
    return expected == received.headers["X-Webhook-Signature"]
