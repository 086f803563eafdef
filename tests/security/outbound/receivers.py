"""Merchants' servers on loopback: one that works, and slow, endless, oversized and broken ones."""

import gzip
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from infra.local.ports import is_taken

Behaviour = Callable[[socket.socket], None]

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PATIENCE_S = 30  # longer than every deadline


@contextmanager
def receiver(
    behave: Behaviour,
    *,
    first_read: bool = True,
    family: socket.AddressFamily = socket.AF_INET,
    certificate: Path | None = None,
) -> Iterator[str]:
    """A server that reads a request and then calls ``behave`` with the connection; yields its URL."""
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)

    def talk(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            one = tls.wrap_socket(connection, server_side=True) if tls else connection
            with one:
                if first_read:
                    _read_request(one)
                behave(one)

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()

    with listening(family) as server:
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}/webhook"
        finally:
            # On Linux, a closed socket continues to listen while a thread waits in accept. It would accept
            # the first connection to a server that later uses the same port on the other loopback address.
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def listening(family: socket.AddressFamily) -> socket.socket:
    """Listen on a free port. A port of 127.0.0.1 is not used on `::1`, which a browser tries first."""
    while True:
        server = socket.create_server((LOOPBACK[family], 0), family=family, backlog=64)
        if family == socket.AF_INET or not is_taken(server.getsockname()[1]):
            return server
        server.close()


def _read_request(connection: socket.socket) -> None:
    """Read the complete request. Closing a connection with unread data would lose the response."""
    got = b""
    while more := connection.recv(65536):
        got += more
        head, end, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if end and len(body) >= (int(length[1]) if length else 0):
            return


def answering(data: bytes) -> Behaviour:
    """Send ``data`` and close the connection."""
    return lambda connection: connection.sendall(data)


def recording(requests: list[bytes], answer: bytes = OK) -> Behaviour:
    """Record the request; for a receiver without ``first_read``."""

    def record(connection: socket.socket) -> None:
        got = b""
        while not got.endswith(b"}"):
            if not (more := connection.recv(65536)):
                return
            got += more
        requests.append(got)
        connection.sendall(answer)

    return record


def dripping(start: bytes, drop: bytes, every_s: float = 0.05) -> Behaviour:
    """Send ``start``, and then ``drop`` repeatedly."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            connection.sendall(drop)
            time.sleep(every_s)

    return drip


def flooding(start: bytes, wave: bytes) -> Behaviour:
    """Send ``start``, and then ``wave`` as fast as the client reads."""
    return dripping(start, wave, every_s=0)


def silence(_connection: socket.socket) -> None:
    """Send nothing."""
    time.sleep(PATIENCE_S)


def reset_after(start: bytes) -> Behaviour:
    """Send ``start`` and reset the connection, like a machine that loses power."""

    def reset(connection: socket.socket) -> None:
        connection.sendall(start)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return reset


@cache
def gzip_bomb(megabytes: int = 512) -> bytes:
    """Zeros, compressed by a factor of a thousand."""
    member = gzip.compress(bytes(16 * 1024 * 1024))
    return member * (megabytes // 16)


def packed(status: str, encoding: str, body: bytes) -> bytes:
    """A response that declares its body as compressed."""
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: {encoding}\r\nLocation: http://elsewhere.example/\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
