"""Calls to hostile URLs in production send one POST to a public address, or none."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from chalicelib.webhooks.guarded_adapter import GuardedAdapter
from chalicelib.webhooks.http import DeliveryError, HttpSender
from tests.security.outbound.corpus import CORPUS, PUBLIC, PUBLIC_V6, Hostile
from tests.security.outbound.internet import Internet
from tests.security.outbound.receivers import dripping, receiver, recording

ROOM_S = 20  # for a busy machine; a call without a limit takes 30 s
INSIDE = (("127.0.0.1", "::1"),)
URL = "https://merchant.example/hook"

every_url = pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: ascii(hostile.url))


def call(url: str, *, deadline_s: float = 5) -> int:
    """The status that production's sender receives."""
    headers = {"X-Webhook-Signature": "00"}
    return HttpSender(allow_private=False, deadline_s=deadline_s).post(url, b"{}", headers).code


def lead(net: Internet, hostile: Hostile) -> None:
    """Configure the URL's host, the merchant's public address, and private addresses for all other names."""
    net.names = {"merchant.example": ((PUBLIC,),)}
    net.other_names = hostile.lookups if hostile.refused is None else INSIDE


@every_url
def test_a_call_to_a_hostile_url_reaches_only_its_public_address(
    net: Internet, posted: list[bytes], hostile: Hostile
):
    lead(net, hostile)
    if hostile.reaches:
        assert call(hostile.url) == 200
    else:
        with pytest.raises(DeliveryError, match=hostile.refused or "private or internal|could not connect"):
            call(hostile.url)
    assert net.connected == [hostile.reaches] * bool(hostile.reaches)
    assert len(posted) == len(net.connected)
    assert net.trapped() == 0
    assert net.asked == ([] if hostile.refused else [urlsplit(hostile.url).hostname])  # once, or never


@every_url
def test_the_address_is_checked_even_if_the_url_passes_validation(
    net: Internet, posted: list[bytes], hostile: Hostile
):
    lead(net, hostile)
    is_https = hostile.url.lower().startswith("https")
    adapter = GuardedAdapter(is_https=is_https, allow_private=False)
    with suppress(Exception):  # any error is accepted; the test checks the connections only
        adapter.send(requests.Request("POST", hostile.url, data=b"{}").prepare(), timeout=1).close()
    adapter.close()
    assert set(net.connected) <= {PUBLIC, PUBLIC_V6}
    assert net.trapped() == 0


@pytest.mark.parametrize(
    ("url", "host"),
    [(URL, "merchant.example"), (URL.replace("/hook", ":8443/hook"), "merchant.example:8443")],
)
@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_V6])
def test_a_public_merchant_receives_one_post(
    net: Internet, posted: list[bytes], url: str, host: str, address: str
):
    net.names = {"merchant.example": ((address,),)}
    assert call(url) == 200
    (request,) = posted
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert (lines[0], body, net.connected) == ("POST /hook HTTP/1.1", b"{}", [address])
    assert f"Host: {host}" in lines
    assert "X-Webhook-Signature: 00" in lines
    assert "Accept-Encoding: identity" in lines
    assert not [line for line in lines if line.lower().startswith(("authorization", "cookie", "proxy"))]


@pytest.mark.parametrize("code", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:4566/", "https://merchant.example/other", "//169.254.169.254/", "file:///etc/passwd"],
)
def test_a_redirect_is_not_followed(net: Internet, certificates: tuple[Path, Path], code: int, location: str):
    posted: list[bytes] = []
    answer = f"HTTP/1.1 {code} Elsewhere\r\nLocation: {location}\r\nRefresh: 0; url={location}\r\n"
    behave = recording(posted, answer.encode() + b"Content-Length: 2\r\n\r\nno")
    with receiver(behave, first_read=False, certificate=certificates[1]) as url:
        net.ports = {socket.AF_INET: urlsplit(url).port or 0}
        net.names = {"merchant.example": ((PUBLIC,),)}
        assert call(URL) == code
    assert (net.connected, len(posted), net.asked) == ([PUBLIC], 1, ["merchant.example"])


def test_a_server_with_anothers_certificate_receives_nothing(net: Internet, posted: list[bytes]):
    net.names = {"merchant.test": ((PUBLIC,),)}
    with pytest.raises(DeliveryError, match="certificate was not accepted"):
        call("https://merchant.test/hook")
    assert posted == []


def test_proxies_of_the_environment_are_not_used(
    net: Internet, posted: list[bytes], monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:3128")
    net.names = {"merchant.example": ((PUBLIC,),)}
    assert call(URL) == 200
    assert net.connected == [PUBLIC]


@pytest.mark.sensitive("a deadline of half a second")
def test_a_slow_tls_response_ends_at_the_deadline(net: Internet, certificates: tuple[Path, Path]):
    before = set(threading.enumerate())
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a")(connection)
        finally:
            ended.set()

    with receiver(drip, certificate=certificates[1]) as url:
        net.ports = {socket.AF_INET: urlsplit(url).port or 0}
        net.names = {"merchant.example": ((PUBLIC,),)}
        started = time.monotonic()
        with pytest.raises(DeliveryError, match=r"no complete response within 0\.5 s"):
            call(URL, deadline_s=0.5)
        assert time.monotonic() - started < ROOM_S
        assert ended.wait(ROOM_S)
        for thread in set(threading.enumerate()) - before:
            if "_run" in thread.name:
                thread.join(ROOM_S)
                assert not thread.is_alive()
