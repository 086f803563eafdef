"""Name servers that hang: the deadline includes the lookup, and the number of waiting threads is limited."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.webhooks.http import MAX_OPEN_REQUESTS, DeliveryError, HttpSender
from tests.security.outbound.corpus import PUBLIC
from tests.security.outbound.internet import Internet

pytestmark = pytest.mark.sensitive("deadlines of 0.3 seconds")
DEADLINE_S = 0.3
ROOM_S = 20  # for a busy machine; a wait without a limit takes 30 s
ATTEMPTS = MAX_OPEN_REQUESTS + 6


@pytest.fixture(name="hanging")
def _hanging(net: Internet) -> Internet:
    """The internet, with name servers that do not respond."""
    net.names = {"merchant.example": ((PUBLIC,),)}
    net.answers.clear()
    return net


def waiting() -> list[threading.Thread]:
    """The threads of requests."""
    return [thread for thread in threading.enumerate() if "_run" in thread.name]


def reason(sender: HttpSender, url: str = "https://merchant.example/hook") -> str:
    with pytest.raises(DeliveryError) as caught:
        sender.post(url, b"{}", {})
    return str(caught.value)


def test_the_deadline_of_an_attempt_includes_the_lookup(hanging: Internet):
    started = time.monotonic()
    assert "no complete response" in reason(HttpSender(allow_private=False, deadline_s=DEADLINE_S))
    assert time.monotonic() - started < DEADLINE_S + ROOM_S
    hanging.answers.set()


def test_the_waiting_threads_are_limited_and_all_end(hanging: Internet):
    before = waiting()
    sender = HttpSender(allow_private=False, deadline_s=DEADLINE_S)
    with ThreadPoolExecutor(ATTEMPTS) as pool:
        reasons = list(pool.map(lambda _: reason(sender), range(ATTEMPTS)))
    threads = [thread for thread in waiting() if thread not in before]
    assert len(threads) == MAX_OPEN_REQUESTS
    assert reasons.count("too many requests are waiting for a response") == ATTEMPTS - MAX_OPEN_REQUESTS
    hanging.answers.set()
    for thread in threads:
        thread.join(ROOM_S)
    assert not any(thread.is_alive() for thread in threads)
    assert hanging.connected == []  # a lookup that ends after the deadline is not followed by a connection


def test_a_request_that_ended_frees_its_slot(net: Internet):
    sender = HttpSender(allow_private=False)
    reasons = {reason(sender, "https://unknown.example/hook") for _ in range(ATTEMPTS)}
    assert reasons == {"could not connect"}
