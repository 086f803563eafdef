"""What the router records of a request, for its log line, the audit log and the log of API requests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalice.app import Request

from chalicelib.api.responses.merchants import SessionView
from chalicelib.api.responses.view import View
from chalicelib.api.route import Route
from chalicelib.domain.api_request import DASHBOARD, FIRST_FAILURE_STATUS, LINKS, ApiRequest
from chalicelib.domain.audit import Credential
from chalicelib.domain.card_number import holds_luhn_number
from chalicelib.domain.errors import GatewayError
from chalicelib.domain.idempotency import StoredResponse
from chalicelib.domain.merchant import Merchant
from chalicelib.observability import also_log, ids_in

READS = frozenset({"GET", "HEAD"})
MAX_USER_AGENT_CHARS = 200  # of a header of up to 10 KB


@dataclass
class RequestRecord:
    """The facts of one request of ``route``, which become known while it is processed."""

    route: Route
    ids: dict[str, str] = field(default_factory=dict)
    credential: Credential | None = None
    caller: Merchant | None = None
    error: str | None = None

    def authenticated(self, caller: Merchant, credential: Credential) -> None:
        """The caller is known."""
        self.credential, self.caller = credential, caller
        self._add({"merchant_id": caller.id})

    def shown(self, view: View) -> None:
        """The response is known."""
        if isinstance(view, SessionView):
            self._add({"merchant_id": view.merchant.id})
        self._add(_ids_of(type(view), vars(view)))

    def replayed(self, stored: StoredResponse) -> None:
        """The response is that of an earlier request with the same idempotency key."""
        self._add(_ids_of(self.route.returns, json.loads(stored.body)))

    def refused(self, error: GatewayError) -> None:
        """The request is rejected."""
        self.error = error.code
        self._add({"merchant_id": error.merchant_id})

    def failed(self, code: str) -> None:
        """The request failed, with this error code."""
        self.error = code

    @property
    def is_audited(self) -> bool:
        """Whether the request belongs in the audit log: requests without valid credentials do not.

        Anyone could fill it with them. Attempts to sign in do; API Gateway limits them.
        """
        return self.route.audit is not None and (self.route.public or self.credential is not None)

    def audit_facts(self, request: Request, status: int) -> dict[str, Any]:
        """Who sent the request, from where, and its result."""
        facts = {
            "result": "refused" if status >= FIRST_FAILURE_STATUS else "success",
            "status": status,
            "error": self.error,
            **self.ids,
            "credential": self.credential or Credential.PASSWORD,  # the only public route is to sign in
            "source_ip": _source_ip(request.context),
            "user_agent": request.headers.get("user-agent", "")[:MAX_USER_AGENT_CHARS],
            "route": self.route.name,
            "request_id": request.context.get("requestId"),
        }
        return {name: value for name, value in facts.items() if value is not None}

    def api_request(self, request: Request, status: int, *, took_ms: int, at: datetime) -> ApiRequest | None:
        """The request for the log of API requests; None if it does not belong there.

        Requests without valid credentials do not: anyone could fill the log with them.
        """
        caller, request_id = self.caller, request.context.get("requestId")
        if caller is None or request_id is None:
            return None
        is_by_key = self.credential is Credential.API_KEY
        if not (is_by_key or request.method not in READS or status >= FIRST_FAILURE_STATUS):
            return None
        links = {name: id_ for name, id_ in self.ids.items() if name in LINKS and not holds_luhn_number(id_)}
        return ApiRequest(
            request_id=request_id,
            merchant_id=caller.id,
            created_at=at,
            method=request.method,
            route=self.route.path,
            status=status,
            took_ms=took_ms,
            credential=caller.api_key if is_by_key else DASHBOARD,
            error_code=self.error,
            **links,
        )

    def _add(self, fields: Mapping[str, Any]) -> None:
        self.ids |= ids_in(fields)
        also_log(self.ids)


def _ids_of(kind: type[View], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a response, with the name that its ``id`` has in the log."""
    return {**fields, kind.LOGGED_ID: fields.get("id")} if kind.LOGGED_ID else dict(fields)


def _source_ip(context: Mapping[str, Any]) -> str | None:
    """The address of the client, in the event of a REST API or of an HTTP API."""
    sender: Mapping[str, Any] = context.get("identity") or context.get("http") or {}
    return sender.get("sourceIp")
