"""The real adapters, whose HTTP requests reach the strict doubles of their acquirers."""

import re
from dataclasses import dataclass
from typing import Protocol

from chalicelib.acquirers.base import Acquirer
from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.transport import DEADLINE_S, NoResponseError, Request, Response, Transport
from chalicelib.domain.clock import Clock
from tests.acquirers.conftest import credentials_of
from tests.simulation.faults import Edge, Fault
from tests.simulation.outside import Ledger
from tests.simulation.wire import NoAnswerError, Wire
from tests.simulation.world import World

_ID = re.compile(r"[a-z]+_[A-Za-z0-9]+")


class Adapter(Protocol):
    """The class of an adapter."""

    def __call__(self, *, credentials: MerchantCredentials, transport: Transport, clock: Clock) -> Acquirer:
        """The adapter."""
        ...


def connect(
    world: World, method: str, adapter: Adapter, *, double: Transport, ledger: Ledger, **credentials: str
) -> None:
    """The merchant uses the adapter for ``method``, and its requests reach ``double``."""
    clock = world.scheduler.clock
    transport = WireTransport(wire=world.wire, acquirer=double)
    known = credentials_of(credentials, clock)  # read without a request over the wire
    world.connect(method, adapter(credentials=known, transport=transport, clock=clock), ledger)


@dataclass(frozen=True, kw_only=True)
class WireTransport:
    """Carries HTTP requests to ``acquirer`` over the wire, where every fault can occur."""

    wire: Wire
    acquirer: Transport

    def send(self, request: Request) -> Response:
        """The response. Raises NoResponseError."""
        path = request.url.partition("?")[0].partition("://")[2].partition("/")[2]

        def fail_after() -> Response:
            self.acquirer.send(request)
            return Response(status=500, headers={}, body=b"{}")

        try:
            return self.wire.exchange(
                Edge.VENDOR,
                f"{request.method} {_ID.sub('{id}', path)}",
                lambda: self.acquirer.send(request),
                patience_s=DEADLINE_S,
                instead={
                    Fault.THROTTLED: lambda: Response(status=429, headers={}, body=b"{}"),
                    Fault.FAILED_AFTER: fail_after,
                },
            )
        except NoAnswerError:
            raise NoResponseError from None
