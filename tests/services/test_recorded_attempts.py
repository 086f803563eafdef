"""Every request is recorded as an attempt of its log, for any response."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.domain.webhook_log import Attempt, WebhookStatus
from chalicelib.webhooks.attempts import FAILED, UNREADABLE
from chalicelib.webhooks.http import DeliveryError, HttpResponse, HttpSender, RequestBody
from tests.cloud import Cloud
from tests.security.outbound.receivers import CHUNKED, answering, receiver, reset_after
from tests.services.shop import MERCHANT_ID, send_test, set_url

MINUTE_S = 60
LATIN = "\u00e9" * 5_000
ENDLESS_DATE = "Mon, 01 Jan 99999999999 00:00:00 GMT"


@dataclass(frozen=True)
class Sends:
    """A sender whose requests always arrive; ``result`` is the returned response or the raised error."""

    result: Any
    sent: list[bytes]

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> Any:
        self.sent.append(bytes(body))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def response(code: int = 503, headers: Any = None, body: Any = b"") -> HttpResponse:
    return HttpResponse(code=code, headers=headers or {}, body=body, truncated=False)


def attempts_with(cloud: Cloud, sender: Any, *, for_s: float = 1) -> tuple[Attempt, ...]:
    """The attempts of a test event that ``sender`` delivers."""
    cloud.gateway.attempts = replace(cloud.gateway.attempts, sender=sender)
    log_id = send_test(cloud)
    cloud.run(for_s=for_s)
    log = cloud.gateway.webhooks.get(MERCHANT_ID, log_id)
    assert log.attempts == len(log.history)
    return log.history


HOSTILE = {
    "an endless date": response(headers={"Retry-After": ENDLESS_DATE}),
    "an endless number": response(headers={"Retry-After": "9" * 50_000}),
    "digits of another script": response(headers={"Retry-After": "\u0663"}),
    "a negative number": response(headers={"Retry-After": "-1"}),
    "no value": response(headers={"Retry-After": None, "X": None}),
    "not text": response(headers={"Retry-After": 7, "X": b"bytes"}),
    "no name": response(headers={None: "x", 7: "y"}),
    "an empty name": response(headers={"": ""}),
    "NUL": response(headers={"X\x00": "\x00"}, body=b"\x00"),
    "an incomplete character": response(headers={"X\ud800": "\udfff"}, body=b"\xed\xa0\x80"),
    "an enormous name": response(headers={"X" * 100_000: "v"}),
    "many Latin headers": response(headers={f"X-{number}{LATIN}": LATIN for number in range(100)}),
    "four-byte characters": response(
        headers={f"X-{number}": "\U0001f600" * 300 for number in range(30)},
        body="\U0001f600".encode() * 16_000,
    ),
    "invalid headers": response(headers=[("a", "b")]),
    "a body that is text": response(body="text"),
    "a missing body": HttpResponse(code=503, headers={}, body=None, truncated=False),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_response_is_a_failed_attempt_and_the_next_one_is_on_time(cloud: Cloud, name: str):
    set_url(cloud)
    sent: list[bytes] = []
    history = attempts_with(cloud, Sends(HOSTILE[name], sent), for_s=MINUTE_S)
    assert [one.response_code for one in history] == [503, 503]
    assert (history[1].at - history[0].at).total_seconds() in {MINUTE_S, MINUTE_S + 0.001}
    assert len(sent) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_response_with_status_200_is_a_success(cloud: Cloud, name: str):
    set_url(cloud)
    (made,) = attempts_with(cloud, Sends(replace(HOSTILE[name], code=200), []))
    assert made.response_code == 200
    assert made.error in {None, UNREADABLE}


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (DeliveryError("could not connect"), "could not connect"),
        (DeliveryError("\ud800" + "x" * 500_000), "the response cannot be stored"),
        (OverflowError("date value out of range"), FAILED),
        (AttributeError(), FAILED),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), FAILED),
        (RecursionError(), FAILED),
        (MemoryError(), FAILED),
        (RuntimeError("can't start new thread"), FAILED),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_exception_of_the_sender_is_a_failed_attempt(cloud: Cloud, raised: Exception, says: str):
    set_url(cloud)
    first, second = attempts_with(cloud, Sends(raised, []), for_s=MINUTE_S)
    assert (first.response_code, first.error, second.error) == (None, says, says)


HEAD = b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n"
ON_THE_WIRE = {
    "an endless date": HEAD + b"Retry-After: " + ENDLESS_DATE.encode() + b"\r\n\r\nno",
    "Latin headers": HEAD + b"".join(b"X-%d: %b\r\n" % (n, b"\xe9" * 600) for n in range(80)) + b"\r\nno",
    "enormous name": HEAD + b"X" * 60_000 + b": v\r\n\r\nno",
    "odd bytes": HEAD + b"\xff\xfe: \x00\r\nX: \xed\xa0\x80\r\n\r\n\xff\x00",
    "a content type without a charset": HEAD + b"Content-Type: a; charset\r\n\r\nno",
    "an invalid content length": b"HTTP/1.1 503 No\r\nContent-Length: many\r\n\r\nno",
    "a long body": b"HTTP/1.1 503 No\r\n\r\n" + "\U0001f600".encode() * 30_000,
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEAD + b"\r\nno",
}
WITHOUT_ANSWER = {
    "nothing": b"",
    "not HTTP": b"hello\r\n\r\n",
    "invalid chunks": CHUNKED + b"zz\r\n",
    "two lengths": b"HTTP/1.1 503 No\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nno",
}


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_a_hostile_response_over_a_socket_is_recorded(cloud: Cloud, name: str):
    with receiver(answering(ON_THE_WIRE[name])) as url:
        set_url(cloud, url)
        history = attempts_with(cloud, HttpSender(allow_private=True), for_s=MINUTE_S)
    assert [one.response_code for one in history] == [503, 503]


@pytest.mark.parametrize("name", WITHOUT_ANSWER)
def test_an_invalid_response_is_recorded_with_the_reason(cloud: Cloud, name: str):
    with receiver(answering(WITHOUT_ANSWER[name])) as url:
        set_url(cloud, url)
        (made,) = attempts_with(cloud, HttpSender(allow_private=True))
    assert (made.response_code, made.error) == (None, "the response is incomplete or not valid HTTP")


def test_a_dropped_connection_is_recorded(cloud: Cloud):
    with receiver(reset_after(HEAD)) as url:
        set_url(cloud, url)
        (made,) = attempts_with(cloud, HttpSender(allow_private=True))
    assert made.error == "the response is incomplete or not valid HTTP"


def test_a_change_of_protocol_is_a_failed_attempt_with_an_explanation(cloud: Cloud):
    with receiver(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")) as url:
        set_url(cloud, url)
        (made,) = attempts_with(cloud, HttpSender(allow_private=True))
    assert made.response_code == 101
    assert "Switching Protocols" in (made.error or "")


def test_a_worker_that_crashes_between_the_two_writes_leaves_the_attempt_in_the_log(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
):
    """The log is not updated, so the attempt is repeated; both requests were sent and are recorded."""
    set_url(cloud)
    update, calls = cloud.gateway.attempts.logs.__class__.record, []

    def crash_after_the_attempt(store: Any, log: Any, made: Attempt, verdict: Any) -> bool:
        calls.append(made)
        if len(calls) == 1:
            store._attempts.add(log, made)
            raise OSError
        return bool(update(store, log, made, verdict))

    monkeypatch.setattr(type(cloud.gateway.attempts.logs), "record", crash_after_the_attempt)
    log_id = send_test(cloud)
    cloud.run(for_s=5 * MINUTE_S)
    log = cloud.gateway.webhooks.get(MERCHANT_ID, log_id)
    assert (log.status, log.attempts) == (WebhookStatus.SUCCESS, 1)
    assert len(log.history) == len(cloud.sender.delivered) == 2
