"""A simulated internet at the socket level: DNS, public servers, and a record of connections.

No connection leaves the machine. A connection to a public address reaches that address's server here. Any
other connection reaches a trap, so an escape is a real connection.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.security.outbound.corpus import PUBLIC, PUBLIC_V6, Answers
from tests.security.outbound.receivers import LOOPBACK, PATIENCE_S, listening


@dataclass
class Internet:
    """The names and their addresses, and the recorded lookups and connections."""

    names: dict[str, tuple[Answers, ...]] = field(default_factory=dict)
    other_names: tuple[Answers, ...] = ()
    ports: dict[socket.AddressFamily, int] = field(default_factory=dict)
    traps: dict[socket.AddressFamily, socket.socket] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)  # name servers hang until this is set

    def __post_init__(self) -> None:
        self._resolve = socket.getaddrinfo
        self._dial = socket.socket.connect
        self.answers.set()

    def getaddrinfo(self, host: Any, port: Any, *_: Any, **__: Any) -> Any:
        """Like the system's function, which resolves numeric hosts."""
        with suppress(socket.gaierror):
            return self._numeric(host, port)
        self.answers.wait(PATIENCE_S)
        self.asked.append(host)
        lookups = self.names.get(host.removesuffix("."), self.other_names)
        answers = lookups[min(self.asked.count(host), len(lookups)) - 1] if lookups else ()
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for answer in answers for found in self._numeric(answer, port)]

    def _numeric(self, host: str, port: Any) -> list[Any]:
        return self._resolve(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)

    def connect(self, opened: socket.socket, address: Any) -> None:
        """Connect to the server of a public address, or to the trap for any other address."""
        self.connected.append(address[0])
        family = socket.AddressFamily(opened.family)
        is_public = address[0] in {PUBLIC, PUBLIC_V6}
        port = self.ports[family] if is_public else self.traps[family].getsockname()[1]
        self._dial(opened, (LOOPBACK[family], port))

    def trapped(self) -> int:
        """The number of connections to addresses that are not public."""
        return sum(_waiting(trap) for trap in self.traps.values())


@contextmanager
def internet() -> Iterator[Internet]:
    """All lookups and connections of this process use the internet until the context ends."""
    made = Internet()

    def connect(opened: socket.socket, address: Any) -> None:  # a function, so that it becomes a method
        made.connect(opened, address)

    with pytest.MonkeyPatch.context() as patch:
        for family in LOOPBACK:
            made.traps[family] = listening(family)
        patch.setattr(socket, "getaddrinfo", made.getaddrinfo)
        patch.setattr(socket.socket, "connect", connect)
        try:
            yield made
        finally:
            for trap in made.traps.values():
                trap.close()


def _waiting(trap: socket.socket) -> int:
    trap.settimeout(0)
    count = 0
    with suppress(BlockingIOError):
        while True:
            trap.accept()[0].close()
            count += 1
    return count
