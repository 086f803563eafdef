"""Webhook logs, compared with the rows that cause them and with the webhooks that the server received."""

import hashlib
import hmac
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.webhook_endpoint import DEFAULT_ID, EndpointKey
from chalicelib.webhooks.attempts import DELETED
from tests.simulation.outside import Received
from tests.simulation.promises.events import happened_events, subject_of
from tests.simulation.world import World

PROMPT = timedelta(seconds=2)  # SQS's delays are whole seconds
GONE = 410
NEW_EVENTS = frozenset(
    {
        "webhook_endpoint.disabled",
        "payment.requires_action",
        "payment.late_authorized",
        "payment.voided",
    }
)
"""The events that the default endpoint does not receive."""
Json = dict[str, Any]


def every_event_has_one_log_for_each_endpoint(world: World) -> None:
    """The events follow from the rows alone, and their sequence is 1, 2, 3 and so on."""
    logged: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    numbers = defaultdict(list)
    for log in world.rows("webhook_logs"):
        logged[log["endpoint_id"]][subject_of(log), log["event"]] += 1
        if log["endpoint_id"] == DEFAULT_ID:
            numbers[log.get("payment_id")].append(json.loads(log["body"])["sequence"])
    happened, endpoints = Counter(happened_events(world)), _endpoints(world)
    for endpoint_id, row in endpoints.items():
        wanted = Counter(
            {
                (subject, name): count
                for (subject, name), count in happened.items()
                if subject != endpoint_id and _is_wanted(row, name)
            }
        )
        missing, excess = wanted - logged[endpoint_id], logged[endpoint_id] - wanted
        assert not missing + excess, f"{endpoint_id}: missing {missing}, too many {excess}"
    for endpoint_id in logged.keys() - endpoints.keys():  # deleted during the story
        assert logged[endpoint_id] <= happened, f"{endpoint_id}: {logged[endpoint_id] - happened}"
    for event in world.rows("events"):
        if event["name"] in NEW_EVENTS:
            numbers[event.get("payment_id")].append(event["sequence"])
    for payment in world.rows("payments"):
        sequence = sorted(numbers[payment["id"]])
        assert sequence == list(range(1, payment["sequence"] + 1)), f"{payment['id']}: sequence {sequence}"


def _endpoints(world: World) -> dict[str, Json]:
    """The rows of the endpoints that exist, by endpoint id."""
    return {EndpointKey.parse(row["id"]).endpoint_id: row for row in world.rows("merchants")}


def _is_wanted(row: Json, name: str) -> bool:
    """Whether the endpoint is subscribed to the event. Without a subscription, it is the default one."""
    events = row.get("webhook_events")
    return name not in NEW_EVENTS if events is None else bool({"*", name} & set(events))


def every_log_is_final(world: World) -> None:
    """Delivered, permanently rejected, or failed after all attempts of the last round."""
    attempts_of_all = len(world.settings.webhook_delays_s)
    for log in world.rows("webhook_logs"):
        counted = _counted(world, log)
        codes = [attempt.get("response_code") for attempt in counted.values()]
        if counted and counted[log["attempts"]].get("error") == DELETED:
            assert log["status"] == "failed", f"{log['id']}: {log}"
            assert log["endpoint_id"] not in _endpoints(world)
            continue
        assert list(counted) == list(range(1, log["attempts"] + 1)), f"{log['id']}: {log}, {counted}"
        assert not any(_is_final(code) for code in codes[:-1]), f"{log['id']} continued: {codes}"
        if log["status"] == "success":
            assert _is_final(codes[-1]), f"{log['id']}: {codes}"
            assert codes[-1] != GONE, f"{log['id']}: {codes}"
        else:
            assert codes[-1] == GONE or (len(codes) == attempts_of_all and not _is_final(codes[-1])), (
                f"{log['id']} failed after {codes}"
            )


def no_attempt_is_made_before_it_is_due(world: World) -> None:
    """An attempt is not made before its due time, which depends on the previous attempt."""
    for log in world.rows("webhook_logs"):
        due = _due(world, log)
        for number, attempt in _last_round(world, log):
            if number > 1:
                assert _at(attempt) >= due[number], f"{log['id']}: {attempt['at']} is before {due[number]}"


def every_attempt_was_prompt(world: World) -> None:
    """A slow endpoint delays only its own webhooks."""
    endpoints = _endpoints(world)
    for log in world.rows("webhook_logs"):
        endpoint = endpoints.get(log["endpoint_id"])
        if endpoint is None or endpoint["webhook_url"] in world.server.takes_s:
            continue
        counted = _counted(world, log)
        assert _at(counted[1]) - datetime.fromisoformat(log["created_at"]) <= PROMPT or log["round"]
        for number, due in _due(world, log).items():
            if number in counted:
                assert _at(counted[number]) - due <= PROMPT, f"{log['id']}: {counted[number]['at']} for {due}"


def no_attempt_was_made_twice(world: World) -> None:
    for log in world.rows("webhook_logs"):
        numbers = [number for number, _ in _last_round(world, log)]
        assert len(set(numbers)) == len(numbers), f"{log['id']}: {numbers}"


def every_received_body_is_stored_and_signed(world: World) -> None:
    """The body is byte-identical at every attempt, under one id, signed with a secret that was valid then."""
    logs = {log["id"]: log for log in world.rows("webhook_logs")}
    for received in world.server.received:
        log = logs[received.log_id]
        assert received.body.decode() == log["body"], f"{log['id']} was sent with another body"
        secrets = _secrets_of(world, log, received)
        assert any(_verifies(secret, received) for secret in secrets), log["id"]


def _secrets_of(world: World, log: Json, received: Received) -> list[str]:
    """The secrets of the log's endpoint. Those of a deleted one are in the response that created it."""
    if log["endpoint_id"] == DEFAULT_ID:
        return _secrets_in_force(world, received)
    created = [one.created for one in world.merchant.requests if one.path == "/webhooks/endpoints"]
    return [one["secret"] for one in created if one and one["id"] == log["endpoint_id"]]


def every_request_is_recorded(world: World) -> None:
    """Each request is recorded, unless its worker had a fault, and each recorded response was sent."""
    for log in world.rows("webhook_logs"):
        received = [one for one in world.server.received if one.log_id == log["id"]]
        certain = [one for one in received if not one.invocation.is_struck]
        history = [row["attempt"] for row in _attempts(world, log)]
        assert len(certain) <= len(history), f"{log['id']}: {len(certain)} sent, {history}"
        answered = [one for one in history if one.get("response_code") is not None]
        assert len(answered) <= len(received), f"{log['id']}: {len(received)} received, {history}"


def _attempts(world: World, log: Json) -> list[Json]:
    """The rows of a log's attempts, in chronological order."""
    rows = [row for row in world.rows("webhook_attempts") if row["log_id"] == log["id"]]
    return sorted(rows, key=lambda row: str(row["sort_key"]))


def _last_round(world: World, log: Json) -> list[tuple[int, Json]]:
    """The attempts since the last manual retry, each with its number."""
    return [
        (row["number"], row["attempt"])
        for row in _attempts(world, log)
        if row["round"] == log.get("round", 0)
    ]


def _counted(world: World, log: Json) -> dict[int, Json]:
    """The attempts that updated the log, by number.

    A worker that crashes after it wrote an attempt, and before it updated the log, leaves an attempt that is
    repeated.
    """
    return dict(_last_round(world, log))


def _due(world: World, log: Json) -> dict[int, datetime]:
    """The due time of each attempt but the first, by number."""
    delays_s = world.settings.webhook_delays_s
    return {
        number + 1: _at(attempt) + timedelta(seconds=max(delays_s[number], attempt.get("retry_after_s") or 0))
        for number, attempt in _counted(world, log).items()
        if number < len(delays_s)
    }


def _at(attempt: Json) -> datetime:
    return datetime.fromisoformat(attempt["at"])


def _is_final(code: int | None) -> bool:
    return code is not None and (200 <= code <= 299 or code == GONE)


def _secrets_in_force(world: World, received: Received) -> list[str]:
    """The secrets that were current at any time between the worker's start and the request."""
    started = received.invocation.started_at
    ends = [at for at, _ in world.secrets[1:]] + [datetime.max.replace(tzinfo=received.at.tzinfo)]
    return [
        secret
        for (since, secret), until in zip(world.secrets, ends, strict=True)
        if since <= received.at and until >= started
    ]


def _verifies(secret: str, received: Received) -> bool:
    """Calculates the hex signature independently."""
    expected = hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest()
    return expected == received.headers["X-Webhook-Signature"]
