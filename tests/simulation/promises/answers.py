"""The responses that the merchant received, compared with the rows."""

from collections import Counter, defaultdict

from chalicelib.domain.payment import VoidReason
from tests.simulation.merchant import Request
from tests.simulation.world import World

_TABLES = {"orders": "orders", "payments": "payments", "refunds": "refunds"}


def _creating(world: World) -> list[tuple[str, Request]]:
    """The requests that create a row, with its table."""
    return [
        (table, request)
        for request in world.merchant.requests
        if request.method == "POST" and (table := _table(request.path)) in _TABLES
    ]


def _table(path: str) -> str:
    """The table that a POST to ``path`` writes to: the last part of the path."""
    return path.removesuffix("/public").rsplit("/", 1)[1]


def every_returned_object_has_a_row(world: World) -> None:
    rows = {table: {row["id"]: row for row in world.rows(table)} for table in _TABLES}
    for table, request in _creating(world):
        if request.created:
            row = rows[table].get(request.created["id"])
            assert row, f"{request.created['id']} is in a response, but has no row"
            assert row["amount"] == request.created["amount"]


def one_key_has_one_response(world: World) -> None:
    """The bodies are identical for all callers and retries; every response after the first is a replay."""
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    firsts: Counter[tuple[str, str]] = Counter()
    for table, request in _creating(world):
        for response in request.responses:
            if request.key and response and response.status == 201:
                texts[table, request.key].add(response.text)
                firsts[table, request.key] += not response.replayed
    for key, given in texts.items():
        assert len(given) == 1, f"{key} has different responses {given}"
        assert firsts[key] <= 1 or any(
            request.is_in_doubt for _, request in _creating(world) if request.key == key[1]
        ), key


def every_row_was_requested(world: World) -> None:
    """Every row is in a response, or results from a request without a key whose response was lost."""
    for table in _TABLES:
        requests = [request for of, request in _creating(world) if of == table]
        answered = {request.created["id"] for request in requests if request.created}
        in_doubt = sum(request.is_in_doubt for request in requests if request.key is None)
        unanswered = {row["id"] for row in world.rows(table)} - answered
        assert len(unanswered) <= in_doubt, f"{table} without a request: {unanswered}"


def a_payment_is_captured_once(world: World) -> None:
    """One request succeeds, unless its response was lost, and a successful response is correct."""
    for payment in world.rows("payments"):
        is_refused = payment.get("void_reason") == VoidReason.CAPTURE_REFUSED
        _happened_once(world, payment["id"], "capture", is_refused or bool(payment.get("captured_at")))


def a_payment_is_voided_once(world: World) -> None:
    """One request succeeds, unless its response was lost, or the time of the capture ran out."""
    for payment in world.rows("payments"):
        _happened_once(world, payment["id"], "void", payment.get("void_reason") == VoidReason.REQUESTED)


def _happened_once(world: World, payment_id: str, action: str, has_happened: bool) -> None:
    own = [one for one in world.merchant.requests if one.path == f"/payments/{payment_id}/{action}"]
    confirmed = sum(request.is_definite and request.response.status == 200 for request in own)
    in_doubt = sum(request.is_in_doubt for request in own)
    if has_happened:
        assert confirmed <= 1, f"{confirmed} responses confirm the {action} of {payment_id}"
        assert confirmed + in_doubt, f"{payment_id}: {action} without a request"
    else:
        assert not confirmed, f"{payment_id}: a response confirms a {action} that is not stored"


def every_request_was_answered_on_the_first_try(world: World) -> None:
    assert not any(request.is_in_doubt or len(request.responses) > 1 for request in world.merchant.requests)
