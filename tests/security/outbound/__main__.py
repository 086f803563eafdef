"""Print the results of hostile URLs and receivers in production: ``python -m tests.security.outbound``.

Nothing leaves this machine. The run takes about a minute, because it uses production's deadline. The exit
code is 1 if a URL reached a private address or a call to a receiver did not end as expected.
"""

import logging
import re
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from chalicelib.domain.errors import BadRequestError
from chalicelib.domain.webhook_url import check_webhook_url
from chalicelib.jobs.batch import MAX_CONCURRENCY
from chalicelib.webhooks.http import DEADLINE_S, DeliveryError, HttpSender
from tests.security.outbound.corpus import CORPUS, Hostile
from tests.security.outbound.internet import Internet, internet
from tests.security.outbound.measure import Cost, measure, measure_each
from tests.security.outbound.misbehaviour import a_mixture, misbehaviours
from tests.security.outbound.receivers import OK, answering, receiver

DRIP_S = 0.5
WIDTH = 42
ESCAPED = "escaped"


def main() -> int:
    """Print all results. Returns 1 if a result is not as expected."""
    logging.disable()  # the library's log of rejected addresses
    outcomes = Counter({ESCAPED: 0})
    with public_servers() as net:
        outcomes.update(outcome(net, hostile) for hostile in CORPUS)
    print_now(f"{len(CORPUS)} hostile URLs")
    for name, count in outcomes.items():
        print_now(f"  {name:{WIDTH}}{count:8}")
    every = misbehaviours(DRIP_S)
    print_now(f"\n{len(every)} receivers, {DEADLINE_S:g} s for a call")
    print_now(
        f"  {'':{WIDTH}}{'call s':>8}{'thread s':>10}{'memory KB':>11}{'log':>5}  what the attempt says"
    )
    wrong = 0
    for one, cost in zip(every, measure_each(every, deadline_s=DEADLINE_S), strict=True):
        (said,) = cost.said
        is_right = bool(re.fullmatch(one.says, said))
        wrong += not is_right
        print_now(line(one.name, cost, f"{'' if is_right else 'WRONG: '}{said}"))
    (cost,) = measure([a_mixture(every, MAX_CONCURRENCY)], deadline_s=DEADLINE_S)
    print_now(line(f"{MAX_CONCURRENCY} concurrent calls", cost, ""))
    return int(bool(outcomes[ESCAPED] or wrong))


@contextmanager
def public_servers() -> Iterator[Internet]:
    """The internet, with a server at its public addresses."""
    with (
        receiver(answering(OK)) as four,
        receiver(answering(OK), family=socket.AF_INET6) as six,
        internet() as net,
    ):
        net.ports = {socket.AF_INET: urlsplit(four).port or 0, socket.AF_INET6: urlsplit(six).port or 0}
        yield net


def outcome(net: Internet, hostile: Hostile) -> str:
    """The result for a URL."""
    try:
        check_webhook_url(hostile.url, allow_private=False)
    except BadRequestError:
        return "rejected when saved"
    net.connected.clear()
    net.other_names = hostile.lookups
    with suppress(DeliveryError):
        HttpSender(allow_private=False).post(hostile.url, b"{}", {})
    if net.trapped() or net.connected != [hostile.reaches] * bool(hostile.reaches):
        return ESCAPED
    return "called at its public address only" if net.connected else "saved, rejected when called"


def line(name: str, cost: Cost, said: str) -> str:
    """The cost of one call or of several concurrent calls."""
    figures = f"{cost.wall_s:8.2f}{cost.ended_s:10.2f}{cost.peak_bytes / 1024:11.0f}{cost.logged_chars:5}"
    return f"  {name:{WIDTH}}{figures}  {said}"


def print_now(text: str) -> None:
    """Print and flush, because the next step may take long."""
    print(text, flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    sys.exit(main())
