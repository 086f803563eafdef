"""The responses that the merchant received, compared with the rows."""

from collections import Counter, defaultdict

from tests.simulation.merchant import Ask
from tests.simulation.world import World

_TABLES = {"orders": "orders", "payments": "payments", "refunds": "refunds"}


def _creating(world: World) -> list[tuple[str, Ask]]:
    """The requests that create a row, with its table."""
    return [
        (table, ask)
        for ask in world.merchant.asks
        if ask.method == "POST" and (table := _table(ask.path)) in _TABLES
    ]


def _table(path: str) -> str:
    """The table that a POST to ``path`` writes to: the last part of the path."""
    return path.removesuffix("/public").rsplit("/", 1)[1]


def every_returned_object_has_a_row(world: World) -> None:
    rows = {table: {row["id"]: row for row in world.rows(table)} for table in _TABLES}
    for table, ask in _creating(world):
        if ask.made:
            row = rows[table].get(ask.made["id"])
            assert row, f"{ask.made['id']} is in a response, but has no row"
            assert row["amount"] == ask.made["amount"]


def one_key_has_one_response(world: World) -> None:
    """The bodies are identical for all callers and retries; every response after the first is a replay."""
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    firsts: Counter[tuple[str, str]] = Counter()
    for table, ask in _creating(world):
        for answer in ask.answers:
            if ask.key and answer and answer.status == 201:
                texts[table, ask.key].add(answer.text)
                firsts[table, ask.key] += not answer.replayed
    for key, given in texts.items():
        assert len(given) == 1, f"{key} has different responses {given}"
        assert firsts[key] <= 1 or any(ask.is_in_doubt for _, ask in _creating(world) if ask.key == key[1]), (
            key
        )


def every_row_was_requested(world: World) -> None:
    """Every row is in a response, or results from a request without a key whose response was lost."""
    for table in _TABLES:
        asks = [ask for of, ask in _creating(world) if of == table]
        answered = {ask.made["id"] for ask in asks if ask.made}
        in_doubt = sum(ask.is_in_doubt for ask in asks if ask.key is None)
        unanswered = {row["id"] for row in world.rows(table)} - answered
        assert len(unanswered) <= in_doubt, f"{table} without a request: {unanswered}"


def a_payment_is_captured_once(world: World) -> None:
    """One request succeeds, unless its response was lost, and a successful response is correct."""
    asks = [ask for ask in world.merchant.asks if ask.path.endswith("/capture")]
    for payment in world.rows("payments"):
        own = [ask for ask in asks if payment["id"] in ask.path]
        confirmed = sum(ask.is_answered and ask.answer.status == 200 for ask in own)
        in_doubt = sum(ask.is_in_doubt for ask in own)
        if payment.get("captured_at"):
            assert confirmed <= 1, f"{confirmed} responses confirm the capture of {payment['id']}"
            assert confirmed + in_doubt, f"{payment['id']} is captured without a request"
        else:
            assert not confirmed, f"{payment['id']} is not captured"


def every_request_was_answered_on_the_first_try(world: World) -> None:
    assert not any(ask.is_in_doubt or len(ask.answers) > 1 for ask in world.merchant.asks)
