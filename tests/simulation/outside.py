"""External parties: an acquirer with a ledger, and a merchant's server."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from chalicelib.acquirers.base import (
    AcquirerUnavailableError,
    ActionRequired,
    Approved,
    AuthorizeRequest,
    Capabilities,
    Charge,
    Declined,
    InvalidNotificationError,
    Notification,
    Pending,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.acquirers.simulated.values import DECLINED_TEST_CARD, UNREFUNDABLE_TEST_CARD
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Card
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.payment import CaptureMode
from chalicelib.domain.signature import hex_signature
from chalicelib.webhooks.http import DEADLINE_S, DeliveryError, HttpResponse, RequestBody
from tests.simulation.faults import Edge
from tests.simulation.invocation import Invocation, current_invocation
from tests.simulation.wire import NoAnswerError, Wire

ACQUIRER_PATIENCE_S = 10.0
PENDING_FOR = timedelta(seconds=40)
PENDING_CHECK = timedelta(seconds=15)
BANK = "bank"
SIGNATURE, NOTIFICATION_SECRET = "x-bank-signature", "known to the bank and the gateway"
DECLINED, UNREFUNDABLE, PENDING, CHALLENGED = "failure", "norefund", "pending", "challenge"
ACTION_FOR = timedelta(minutes=10)
CAPTURE_PERIOD = timedelta(minutes=20)  # a few hops of the job that voids the payment
UNCAPTURABLE = "nocapture"
_NAMES = {DECLINED_TEST_CARD: DECLINED, UNREFUNDABLE_TEST_CARD: UNREFUNDABLE}

Answered = TypeVar("Answered")
Message = tuple[dict[str, str], bytes]
"""The headers and the body of a notification."""


def signed(payments: list[str], refunds: list[str] | None = None) -> Message:
    """A notification of the bank."""
    body = json.dumps({"payments": payments, "refunds": refunds or []}).encode()
    return {SIGNATURE: hex_signature(NOTIFICATION_SECRET, body)}, body


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One line of a ledger: a transfer that succeeded or was declined, ``at`` the first request.

    ``approved`` is None while it waits for the buyer. ``payer`` identifies the payment: by the unique token,
    because the key is under test, or by the id in the data of the charge.
    """

    at: datetime
    key: str
    payer: str
    amount: int
    approved: bool | None


class Ledger(Protocol):
    """What an acquirer did. ``captures`` and ``voids`` are those of reserved money."""

    @property
    def charges(self) -> list[Movement]: ...
    @property
    def captures(self) -> list[Movement]: ...
    @property
    def voids(self) -> list[Movement]: ...
    @property
    def refunds(self) -> list[Movement]: ...


@dataclass
class Bank:
    """An acquirer. It recognises a repeated request only by its idempotency key.

    If it is not ``idempotent``, it charges again for each repeated request.
    """

    wire: Wire
    charges: list[Movement] = field(default_factory=list)
    captures: list[Movement] = field(default_factory=list)
    voids: list[Movement] = field(default_factory=list)
    refunds: list[Movement] = field(default_factory=list)
    takes_s: float = 0.0
    ignores_voids: bool = False
    idempotent: bool = True
    name: str = BANK
    _cards: int = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            methods=frozenset(PaymentMethod),
            flows=frozenset(UpiFlow),
            manual_capture=True,
            idempotent_authorize=self.idempotent,
            capture_period=CAPTURE_PERIOD,
        )

    def tokenize(self, card: Card) -> str:
        def act() -> str:
            self._cards += 1
            return f"{_NAMES.get(card.number, 'success')}@card{self._cards}"

        try:
            return self._exchange("tokenize", act)
        except NoAnswerError as error:
            raise AcquirerUnavailableError from error

    def authorize(self, request: AuthorizeRequest) -> Result:
        approved = None if request.token.startswith(CHALLENGED) else not request.token.startswith(DECLINED)
        return self._ask("authorize", lambda: self._charge(request, approved=approved))

    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        return self._ask("status", lambda: self._find(self.charges, request.idempotency_key))

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:
        return self._ask("capture", lambda: self._capture(request))

    def void(self, request: AuthorizeRequest, reference: str) -> Result:
        return self._ask("void", lambda: self._void(request))

    def _charge(self, request: AuthorizeRequest, *, approved: bool | None) -> Result:
        if self.idempotent:
            return self._enter(self.charges, request, approved=approved)
        self.charges.append(self._movement(request, approved=approved))
        return self._result(self.charges[-1])

    def _capture(self, request: AuthorizeRequest) -> Result:
        is_voided = self._find(self.voids, request.idempotency_key) is not None
        approved = not is_voided and not request.token.startswith(UNCAPTURABLE)
        return self._enter(self.captures, request, approved=approved)

    def _void(self, request: AuthorizeRequest) -> Result:
        """The result of the charge: cancelled if it waits for the buyer, or its money is only reserved."""
        key = request.idempotency_key
        result = self._decide(key, approved=False)
        is_captured = any(one.key == key and one.approved for one in self.captures)
        if not isinstance(result, Approved) or is_captured or request.capture_mode is CaptureMode.AUTOMATIC:
            return result
        self._enter(self.voids, request, approved=True)
        return Declined(code=DeclineCode.PROCESSING_ERROR, description="Voided", reference=key)

    def confirm(self, token: str, *, approved: bool) -> None:
        """The buyer decides in the bank's page. ``ignores_voids``: also after the charge was cancelled."""
        for movement in list(self.charges):
            if movement.payer == token:
                self._decide(movement.key, approved=approved, even_if_declined=self.ignores_voids)

    def _decide(self, key: str, *, approved: bool, even_if_declined: bool = False) -> Result:
        index = next(number for number, one in enumerate(self.charges) if one.key == key)
        was = self.charges[index].approved
        if was is None or (even_if_declined and was is False):
            self.charges[index] = replace(self.charges[index], approved=approved)
        return self._result(self.charges[index])

    def refund(self, request: RefundRequest) -> Result:
        approved = not request.token.startswith(UNREFUNDABLE)
        return self._ask("refund", lambda: self._enter(self.refunds, request, approved=approved))

    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        return self._ask("refund status", lambda: self._find(self.refunds, request.idempotency_key))

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), hex_signature(NOTIFICATION_SECRET, body)):
            raise InvalidNotificationError
        ids = json.loads(body)
        return Notification(payment_ids=tuple(ids["payments"]), refund_ids=tuple(ids["refunds"]))

    def check_account(self) -> str:
        return "The account is ready."

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        return iter(())

    def notification(self) -> Message:
        """A notification that names every payment and refund of the ledgers."""
        payments = [one.key.removeprefix("charge:") for one in self.charges]
        return signed(payments, [one.key.removeprefix("refund:") for one in self.refunds])

    def _ask(self, operation: str, act: Callable[[], Answered]) -> Answered | Unknown:
        try:
            return self._exchange(operation, act)
        except NoAnswerError:
            return Unknown()

    def _exchange(self, operation: str, act: Callable[[], Answered]) -> Answered:
        """The result of ``act``, which takes ``takes_s``. Raises NoAnswerError if that is too long."""

        def act_in_time() -> tuple[Answered] | None:
            if self.takes_s >= ACQUIRER_PATIENCE_S:
                act()
                return None
            if self.takes_s:
                self.wire.scheduler.pause(self.takes_s)
            return (act(),)

        answer = self.wire.exchange(Edge.ACQUIRER, operation, act_in_time, patience_s=ACQUIRER_PATIENCE_S)
        assert answer is not None
        return answer[0]

    def _enter(
        self, ledger: list[Movement], request: AuthorizeRequest | RefundRequest, *, approved: bool | None
    ) -> Result:
        """The result of the request, which is added to the ledger unless it has the key."""
        key = request.idempotency_key
        if (known := self._find(ledger, key)) is not None:
            return known
        ledger.append(self._movement(request, approved=approved))
        return self._result(ledger[-1])

    def _movement(self, request: AuthorizeRequest | RefundRequest, *, approved: bool | None) -> Movement:
        return Movement(
            at=self.wire.scheduler.clock(),
            key=request.idempotency_key,
            payer=request.token,
            amount=request.money.amount,
            approved=approved,
        )

    def _find(self, ledger: list[Movement], key: str) -> Result | None:
        return next((self._result(one) for one in ledger if one.key == key), None)

    def _result(self, movement: Movement) -> Result:
        now = self.wire.scheduler.clock()
        if movement.payer.startswith(PENDING) and now < movement.at + PENDING_FOR:
            return Pending(reference=movement.key, check_at=now + PENDING_CHECK)
        if movement.approved is None:
            expires_at = movement.at + ACTION_FOR
            action = NextAction(type=ActionType.REDIRECT, url="https://bank.example/", expires_at=expires_at)
            return ActionRequired(reference=movement.key, action=action)
        if movement.approved:
            return Approved(reference=movement.key)
        return Declined(code=DeclineCode.CARD_DECLINED, description="Declined", reference=movement.key)


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

    def post(self, url: str, body: RequestBody, headers: Mapping[str, str]) -> HttpResponse:
        received = Received(
            at=self.wire.scheduler.clock(),
            url=url,
            body=bytes(body),
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
