"""External parties: an acquirer with a ledger, and a merchant's server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from chalicelib.acquirers.base import AcquirerUnavailableError, Charge, Outcome, RefundRequest
from chalicelib.acquirers.simulated import DECLINED_TEST_CARD, UNREFUNDABLE_TEST_CARD
from chalicelib.domain.methods.card import Card
from chalicelib.webhooks.http import DEADLINE_S, DeliveryError, HttpResponse
from tests.simulation.faults import Edge
from tests.simulation.invocation import Invocation, current_invocation
from tests.simulation.wire import NoAnswerError, Wire

ACQUIRER_PATIENCE_S = 10.0
DECLINED, UNREFUNDABLE = "failure", "norefund"
_NAMES = {DECLINED_TEST_CARD: DECLINED, UNREFUNDABLE_TEST_CARD: UNREFUNDABLE}

Answered = TypeVar("Answered")


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of the ledger: a transfer that succeeded or was declined."""

    key: str
    token: str
    amount: int
    approved: bool


@dataclass
class Bank:
    """An acquirer. It recognises a repeated request only by its idempotency key."""

    wire: Wire
    charges: list[Movement] = field(default_factory=list)
    refunds: list[Movement] = field(default_factory=list)
    takes_s: float = 0.0
    _cards: int = 0

    def tokenize(self, card: Card) -> str:
        def act() -> str:
            self._cards += 1
            return f"{_NAMES.get(card.number, 'success')}@card{self._cards}"

        return self._ask("tokenize", act)

    def charge(self, charge: Charge) -> Outcome:
        approved = not charge.token.startswith(DECLINED)
        movement = Movement(
            key=charge.idempotency_key, token=charge.token, amount=charge.money.amount, approved=approved
        )
        return self._ask("charge", lambda: _enter(self.charges, movement))

    def refund(self, refund: RefundRequest) -> Outcome:
        approved = not refund.token.startswith(UNREFUNDABLE)
        movement = Movement(
            key=refund.idempotency_key, token=refund.token, amount=refund.money.amount, approved=approved
        )
        return self._ask("refund", lambda: _enter(self.refunds, movement))

    def _ask(self, operation: str, act: Callable[[], Answered]) -> Answered:
        def act_in_time() -> Answered:
            if self.takes_s:
                self.wire.scheduler.pause(self.takes_s)
            return act()

        try:
            return self.wire.exchange(Edge.ACQUIRER, operation, act_in_time, patience_s=ACQUIRER_PATIENCE_S)
        except NoAnswerError as error:
            raise AcquirerUnavailableError from error


def _enter(ledger: list[Movement], movement: Movement) -> Outcome:
    if all(earlier.key != movement.key for earlier in ledger):
        ledger.append(movement)
    return Outcome(approved=movement.approved, decline_reason=None if movement.approved else "Declined")


@dataclass(frozen=True, kw_only=True)
class Received:
    """A received webhook."""

    at: datetime
    url: str
    body: bytes
    headers: Mapping[str, str]
    invocation: Invocation

    @property
    def log_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> str:
        name: str = json.loads(self.body)["event"]
        return name


@dataclass
class Server:
    """A merchant's server: ``answers`` returns the response to a request, after ``takes_s`` of its URL."""

    wire: Wire
    answers: Callable[[Received], HttpResponse | int] = lambda received: 200
    takes_s: dict[str, float] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
        received = Received(
            at=self.wire.scheduler.clock(),
            url=url,
            body=body,
            headers=headers,
            invocation=current_invocation(),
        )

        def act() -> HttpResponse:
            self.wire.scheduler.pause(self.takes_s.get(url, 0.0))
            self.received.append(received)
            answer = self.answers(received)
            if isinstance(answer, HttpResponse):
                return answer
            return HttpResponse(code=answer, headers={}, body=b"", truncated=False)

        try:
            return self.wire.exchange(Edge.RECEIVER, received.event, act, patience_s=DEADLINE_S)
        except NoAnswerError as error:
            raise DeliveryError("no complete response within 5 s") from error
