"""What the merchant was told against the rows."""

from collections import Counter, defaultdict

from tests.simulation.merchant import Ask
from tests.simulation.world import World

_TABLES = {"orders": "orders", "payments": "payments", "refunds": "refunds"}


def _creating(world: World) -> list[tuple[str, Ask]]:
    """What was asked that makes a row, with the table it is in."""
    return [
        (table, ask)
        for ask in world.merchant.asks
        if ask.method == "POST" and (table := _table(ask.path)) in _TABLES
    ]


def _table(path: str) -> str:
    """The table that a POST to ``path`` writes to: the last name in it."""
    return path.removesuffix("/public").rsplit("/", 1)[1]


def what_was_answered_is_there(world: World) -> None:
    rows = {table: {row["id"]: row for row in world.rows(table)} for table in _TABLES}
    for table, ask in _creating(world):
        if ask.made:
            row = rows[table].get(ask.made["id"])
            assert row, f"{ask.made['id']} was answered and is not there"
            assert row["amount"] == ask.made["amount"]


def one_key_has_one_answer(world: World) -> None:
    """Letter for letter, whoever asked and however often; all but the first are called replays."""
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    firsts: Counter[tuple[str, str]] = Counter()
    for table, ask in _creating(world):
        for answer in ask.answers:
            if ask.key and answer and answer.status == 201:
                texts[table, ask.key].add(answer.text)
                firsts[table, ask.key] += not answer.replayed
    for key, given in texts.items():
        assert len(given) == 1, f"{key} was answered {given}"
        assert firsts[key] <= 1 or any(ask.is_in_doubt for _, ask in _creating(world) if ask.key == key[1]), (
            key
        )


def nothing_is_there_that_nobody_asked_for(world: World) -> None:
    """A row is one that was answered, or comes of one request without a key that got no answer."""
    for table in _TABLES:
        asks = [ask for of, ask in _creating(world) if of == table]
        answered = {ask.made["id"] for ask in asks if ask.made}
        in_doubt = sum(ask.is_in_doubt for ask in asks if ask.key is None)
        unanswered = {row["id"] for row in world.rows(table)} - answered
        assert len(unanswered) <= in_doubt, f"{table} nobody asked for: {unanswered}"


def a_payment_is_captured_once(world: World) -> None:
    """One is told so, unless that answer was lost; and who is told so was not told a lie."""
    asks = [ask for ask in world.merchant.asks if ask.path.endswith("/capture")]
    for payment in world.rows("payments"):
        own = [ask for ask in asks if payment["id"] in ask.path]
        told = sum(ask.is_answered and ask.answer.status == 200 for ask in own)
        in_doubt = sum(ask.is_in_doubt for ask in own)
        if payment.get("captured_at"):
            assert told <= 1, f"{told} were told that they captured {payment['id']}"
            assert told + in_doubt, f"{payment['id']} is captured and nobody asked for it"
        else:
            assert not told, f"{payment['id']} is not captured"


def every_ask_was_answered_at_once(world: World) -> None:
    assert not any(ask.is_in_doubt or len(ask.answers) > 1 for ask in world.merchant.asks)
