"""The real adapters, whose HTTP requests reach the strict doubles of their acquirers."""

import re
from dataclasses import dataclass

from chalicelib.acquirers.transport import DEADLINE_S, NoResponseError, Request, Response, Transport
from tests.simulation.faults import Edge, Fault
from tests.simulation.wire import NoAnswerError, Wire

_ID = re.compile(r"[a-z]+_[A-Za-z0-9]+")


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
