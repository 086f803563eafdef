"""The misbehaviours of receivers, by name, and the expected result of the attempt."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.security.outbound.receivers import (
    CHUNKED,
    Behaviour,
    answering,
    dripping,
    flooding,
    gzip_bomb,
    packed,
    reset_after,
    silence,
)

IN_TIME = r"no complete response within [0-9.]+ s"
TOO_LONG = "the response headers are larger than 64 KB"
BROKEN = "the response is incomplete or not valid HTTP"
NO_TLS = "the TLS handshake failed or the certificate was not accepted"
CUT = "200, 65536 bytes, cut"

_HEAD = b"HTTP/1.1 200 OK\r\n"
_PLAIN = _HEAD + b"Content-Length: %d\r\n\r\n"
_LINE = b"X-More: " + b"a" * 65_000 + b"\r\n"
_WAVE = b"a" * 1_000_000


@dataclass(frozen=True, kw_only=True)
class Misbehaviour:
    """A receiver's behaviour, and a pattern of the expected result. ``over_tls``: the URL is https."""

    name: str
    behave: Behaviour
    says: str
    first_read: bool = True
    over_tls: bool = False


def misbehaviours(drip_s: float) -> list[Misbehaviour]:
    """All misbehaviours. The slow ones send data every ``drip_s``."""
    return [*_slow(drip_s), *_endless(), *_enormous(), *_broken()]


def a_mixture(receivers: Sequence[Misbehaviour], count: int) -> Sequence[Misbehaviour]:
    """A selection with all kinds."""
    return receivers[:: len(receivers) // count][:count]


def _slow(drip_s: float) -> list[Misbehaviour]:
    def slow(name: str, start: bytes, drop: bytes) -> Misbehaviour:
        return Misbehaviour(name=name, behave=dripping(start, drop, drip_s), says=IN_TIME)

    return [
        Misbehaviour(name="sends nothing", behave=silence, says=IN_TIME),
        Misbehaviour(name="sends nothing, reads nothing", behave=silence, says=IN_TIME, first_read=False),
        Misbehaviour(name="hangs in the TLS handshake", behave=silence, says=IN_TIME, over_tls=True),
        slow("drips the status line", b"HTTP/1.1 200 ", b"O"),
        slow("drips a header", _HEAD + b"X-Slow: ", b"a"),
        slow("drips headers", _HEAD, b"X-More: a\r\n"),
        slow("drips the body", _PLAIN % 100_000, b"a"),
        slow("drips chunks", CHUNKED, b"1\r\na\r\n"),
        slow("drips the size of a chunk", CHUNKED, b"0"),
        slow("drips a body without an end", _HEAD + b"\r\n", b"a"),
        slow("drips 100 Continue", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        slow("drips trailers", CHUNKED + b"0\r\n", b"X-More: a\r\n"),
    ]


def _endless() -> list[Misbehaviour]:
    def endless(name: str, start: bytes, wave: bytes, says: str) -> Misbehaviour:
        return Misbehaviour(name=name, behave=flooding(start, wave), says=says)

    return [
        endless("endless status line", b"HTTP/1.1 200 ", _WAVE, TOO_LONG),
        endless("endless 100 Continue", b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, TOO_LONG),
        endless("endless headers", _HEAD, b"X-More: a\r\n" * 1000, f"{TOO_LONG}|{BROKEN}"),
        endless("endless body", _PLAIN % 10**15, _WAVE, CUT),
        endless("endless body without a length", _HEAD + b"\r\n", _WAVE, CUT),
        endless("endless chunks", CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n", CUT),
        endless("one chunk of a petabyte", CHUNKED + b"4000000000000\r\n", _WAVE, CUT),
        endless("endless size of a chunk", CHUNKED, b"0" * 1_000_000, BROKEN),
        endless("endless trailers", CHUNKED + b"0\r\n", b"X-More: a\r\n" * 1000, IN_TIME),
    ]


def _enormous() -> list[Misbehaviour]:
    bomb = gzip_bomb()
    return [
        Misbehaviour(name="a header of 1 MB", behave=answering(_HEAD + b"X-Big: " + _WAVE), says=TOO_LONG),
        Misbehaviour(name="10,000 headers", behave=answering(_HEAD + b"X-More: a\r\n" * 10_000), says=BROKEN),
        Misbehaviour(
            name="99 headers of 64 KB", behave=answering(_HEAD + _LINE * 99 + b"\r\n"), says=TOO_LONG
        ),
        Misbehaviour(
            name="512 MB compressed in a body", behave=answering(packed("200 OK", "gzip", bomb)), says=CUT
        ),
        Misbehaviour(
            name="512 MB compressed in a redirect",
            behave=answering(packed("302 Found", "gzip", bomb)),
            says="302, 65536 bytes, cut",
        ),
        Misbehaviour(
            name="512 MB declared as compressed ten times",
            behave=answering(packed("200 OK", ", ".join(["gzip"] * 10), bomb)),
            says=CUT,
        ),
    ]


def _broken() -> list[Misbehaviour]:
    not_headers = _HEAD + b"no header\r\n" + b"a" * 60_000 + b"\r\n\r\n"
    return [
        Misbehaviour(name="closes immediately", behave=answering(b""), says=BROKEN),
        Misbehaviour(name="drops the connection immediately", behave=reset_after(b""), says=BROKEN),
        Misbehaviour(
            name="drops the connection in the headers", behave=reset_after(_HEAD + b"X-Mo"), says=BROKEN
        ),
        Misbehaviour(
            name="drops the connection in the body", behave=reset_after(_PLAIN % 100 + b"half"), says=BROKEN
        ),
        Misbehaviour(
            name="drops the connection in a chunk", behave=reset_after(CHUNKED + b"64\r\nhalf"), says=BROKEN
        ),
        Misbehaviour(
            name="speaks another protocol", behave=answering(b"SSH-2.0-OpenSSH_9.6\r\n"), says=BROKEN
        ),
        Misbehaviour(
            name="answers a TLS handshake in plain text",
            behave=answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            says=NO_TLS,
            over_tls=True,
        ),
        Misbehaviour(name="invalid headers", behave=answering(not_headers), says="200, 0 bytes"),
    ]
