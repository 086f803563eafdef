"""The real adapters, whose HTTP requests reach the strict doubles of their acquirers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.acquirers.credentials import CredentialStore, MerchantCredentials
from chalicelib.acquirers.transport import DEADLINE_S, NoResponseError, Request, Response, Transport
from chalicelib.domain.clock import Clock
from chalicelib.services.onboarding import TEST_MERCHANT_ID
from tests.simulation.faults import Edge, Fault
from tests.simulation.wire import NoAnswerError, Wire

_ID = re.compile(r"[a-z]+_[A-Za-z0-9]+")


def credentials_of(acquirer: str, values: Mapping[str, str], clock: Clock) -> MerchantCredentials:
    """The merchant's credentials, which are read without a request over the wire."""
    store = CredentialStore(path="", client=lambda _: _Parameter(values), clock=clock)
    return MerchantCredentials(store=store, merchant_id=TEST_MERCHANT_ID, acquirer=acquirer)


@dataclass(frozen=True)
class _Parameter:
    values: Mapping[str, str]

    def get_parameter(self, **_: Any) -> dict[str, Any]:
        return {"Parameter": {"Value": json.dumps(dict(self.values))}}


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
