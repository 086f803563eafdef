"""Razorpay, for UPI links and QR codes in INR, with its server-to-server API.

A charge is an order, whose receipt is the id of this gateway's payment, and one payment of it. Razorpay
charges again if the request is repeated, so the gateway takes a lease and asks for the ``status`` before.
Razorpay shows the link only once, so a later status of a payment that waits is Pending.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from pydantic import ValidationError

from chalicelib.acquirers.base import (
    ATTENTION,
    AccountError,
    ActionRequired,
    Approved,
    AuthorizeRequest,
    Capabilities,
    CardNumbersRefusedError,
    Charge,
    Declined,
    InvalidNotificationError,
    Notification,
    Pending,
    RefundRequest,
    Result,
    Unknown,
)
from chalicelib.acquirers.credentials import MerchantCredentials
from chalicelib.acquirers.declines import declined
from chalicelib.acquirers.exchange import unknown_without_result
from chalicelib.acquirers.razorpay import RAZORPAY, WEBHOOK_SECRET
from chalicelib.acquirers.razorpay.api import OK, RazorpayApi
from chalicelib.acquirers.razorpay.refunds import RazorpayRefunds
from chalicelib.acquirers.razorpay.values import (
    CAPTURE,
    DECLINES,
    LINK_LIFE,
    UNDECIDED_FOR,
    Event,
    Intent,
    Items,
    Order,
    Payment,
    PaymentStatus,
    Refused,
)
from chalicelib.acquirers.transport import NoResultError, Response, Transport
from chalicelib.domain.clock import Clock
from chalicelib.domain.decline import DeclineCode
from chalicelib.domain.instrument import PaymentMethod, UpiFlow
from chalicelib.domain.methods.card import Card
from chalicelib.domain.money import Money
from chalicelib.domain.next_action import ActionType, NextAction
from chalicelib.domain.signature import hex_signature
from chalicelib.observability import logger

SIGNATURE_HEADER = "x-razorpay-signature"

_CURRENCY = "INR"
_DEFAULTS = {"BAD_REQUEST_ERROR": DeclineCode.CARD_DECLINED}  # for a reason that is not known
_MIN_PAUSE, _MAX_PAUSE = timedelta(seconds=3), timedelta(minutes=1)  # between two checks


@dataclass(frozen=True, kw_only=True)
class RazorpayAcquirer:
    """The account of one merchant. ``email`` and ``contact`` are sent as those of every buyer, if known."""

    credentials: MerchantCredentials
    transport: Transport
    clock: Clock
    name: str = RAZORPAY

    @property
    def capabilities(self) -> Capabilities:
        """UPI links, also as a QR code. Money cannot be reserved."""
        return Capabilities(
            methods=frozenset({PaymentMethod.UPI}),
            flows=frozenset({UpiFlow.INTENT, UpiFlow.QR}),
            manual_capture=False,
            idempotent_authorize=False,
            card_entries=frozenset(),
            lists_charges=True,
        )

    @property
    def _api(self) -> RazorpayApi:
        return RazorpayApi(acquirer=self.name, credentials=self.credentials, transport=self.transport)

    @property
    def _refunds(self) -> RazorpayRefunds:
        return RazorpayRefunds(api=self._api, clock=self.clock)

    def tokenize(self, card: Card) -> NoReturn:  # noqa: ARG002 - it accepts no cards
        """Raises CardNumbersRefusedError: only UPI is supported."""
        raise CardNumbersRefusedError

    @unknown_without_result
    def authorize(self, request: AuthorizeRequest) -> Result:
        """Create an order and a payment of it. 2 requests. Without a link, the buyer cannot be charged."""
        if request.money.currency != _CURRENCY:
            logger.error(ATTENTION, acquirer=self.name, problem="the currency is not INR")
            return declined(DeclineCode.PROCESSING_ERROR, PaymentMethod.UPI)
        receipt = _receipt(request)
        charged = {"amount": request.money.amount, "currency": _CURRENCY, "notes": {"payment_id": receipt}}
        ordered = self._api.post("/v1/orders", {**charged, "receipt": receipt, "payment": CAPTURE})
        if ordered.status not in OK:
            return self._refused(ordered)
        order, sent_at = self._api.exchange.read(ordered, Order), self.clock()
        known = self.credentials.get()
        buyer = {name: known[name] for name in ("email", "contact") if name in known}
        upi = {"order_id": order.id, "method": "upi", "upi": {"flow": "intent"}}
        created = self._api.post("/v1/payments/create/upi", {**charged, **upi, **buyer})
        if created.status not in OK:
            return self._refused(created)
        intent = self._api.exchange.read(created, Intent)
        action = NextAction(type=ActionType.UPI, url=intent.link, expires_at=sent_at + LINK_LIFE)
        return ActionRequired(reference=intent.razorpay_payment_id, action=action)

    @unknown_without_result
    def status(self, request: AuthorizeRequest, reference: str | None) -> Result | None:
        """The result of the payment, or of the best one of all orders with the receipt."""
        payment = self._api.payment(reference) if reference else self._api.payment_of(_receipt(request))
        return None if payment is None else self._result(payment)

    def capture(self, request: AuthorizeRequest, reference: str) -> Result:
        """Approved if it is captured."""
        return self.status(request, reference) or Unknown()

    def void(self, request: AuthorizeRequest, reference: str) -> Result:
        """The result of the charge: a UPI payment cannot be cancelled."""
        return self.status(request, reference) or Unknown()

    @unknown_without_result
    def refund(self, request: RefundRequest) -> Result:
        """Refund the buyer."""
        return self._refunds.create(request)

    @unknown_without_result
    def refund_status(self, request: RefundRequest, reference: str | None) -> Result | None:
        """The result of the refund, or of the one with the receipt."""
        return self._refunds.find(request, reference)

    def parse_notification(self, headers: Mapping[str, str], body: bytes) -> Notification:
        """The ids in the notes of the objects in the notification. None for unknown kinds.

        Razorpay disables the URL after failures for 24 hours, so every valid signature is accepted.
        """
        offered = headers.get(SIGNATURE_HEADER, "").encode(errors="replace")
        secrets = self.credentials.secrets(WEBHOOK_SECRET)
        if not any(hmac.compare_digest(offered, hex_signature(one, body).encode()) for one in secrets):
            raise InvalidNotificationError
        try:
            event = Event.model_validate_json(body)
        except ValidationError:
            logger.warning("acquirer notification has an unknown form", acquirer=self.name)
            return Notification()
        return Notification(payment_ids=event.ids("payment_id"), refund_ids=event.ids("refund_id"))

    def check_account(self) -> str:
        """Whether Razorpay accepts the key. It does not show whether UPI links are enabled."""
        try:
            self._api.get("/v1/payments", Items[Payment], count=1)
        except NoResultError:
            text = "Razorpay does not accept the API key, or did not respond: check key_id and key_secret."
            raise AccountError(text) from None
        is_live = self._api.credential("key_id").startswith("rzp_live_")
        return f"Razorpay accepts the API key, which is for {'live' if is_live else 'test'} payments."

    def list_charges(self, since: datetime, until: datetime) -> Iterator[Charge]:
        """The payments of the account, newest first. Those of other systems have no ``payment_id``."""
        first, last = int(since.timestamp()), int(until.timestamp())
        try:
            for payment in self._api.pages("/v1/payments", Items[Payment], **{"from": first, "to": last}):
                if since <= payment.created_at < until:
                    yield _charge(payment)
        except NoResultError:
            raise AccountError("Razorpay did not list its payments: the log contains the status.") from None

    def _result(self, payment: Payment) -> Result:
        match payment.status:
            case PaymentStatus.CREATED:
                return self._waiting(payment)
            case PaymentStatus.AUTHORIZED if not self._is_captured_now(payment):
                return Pending(reference=payment.id, check_at=self.clock() + self._pause(payment))
            case PaymentStatus.FAILED:
                by_default = _DEFAULTS.get(payment.error_code or "", DeclineCode.PROCESSING_ERROR)
                code = DECLINES.get(payment.error_reason or "", by_default)
                return declined(code, PaymentMethod.UPI, reference=payment.id)
            case PaymentStatus.REFUNDED if not payment.captured:  # Razorpay returned what was not captured
                return declined(DeclineCode.PROCESSING_ERROR, PaymentMethod.UPI, reference=payment.id)
        return Approved(reference=payment.id)

    def _waiting(self, payment: Payment) -> Pending | Declined:
        """The buyer has not approved. An approval after UNDECIDED_FOR is a late one, and refunded."""
        now, end = self.clock(), payment.created_at + UNDECIDED_FOR
        if now >= end:
            return declined(DeclineCode.EXPIRED, PaymentMethod.UPI, reference=payment.id)
        return Pending(reference=payment.id, check_at=min(now + self._pause(payment), end))

    def _pause(self, payment: Payment) -> timedelta:
        """The pause before the next check: a third of the age."""
        return min(max((self.clock() - payment.created_at) / 3, _MIN_PAUSE), _MAX_PAUSE)

    def _is_captured_now(self, payment: Payment) -> bool:
        """Capture an authorized payment: Razorpay does not capture one that was authorized late."""
        body = {"amount": payment.amount, "currency": payment.currency}
        response = self._api.post(f"/v1/payments/{payment.id}/capture", body)
        if response.status not in OK:
            return False
        return self._api.exchange.read(response, Payment).status is PaymentStatus.CAPTURED

    def _refused(self, response: Response) -> Declined:
        """The decline of a charge that Razorpay refuses to create."""
        error = self._api.exchange.read(response, Refused).error
        code = DECLINES.get(error.reason or "")
        if code is None:
            self._api.exchange.report(response, "the charge is refused", error.code, error.reason)
        return declined(code or DeclineCode.PROCESSING_ERROR, PaymentMethod.UPI)


def _receipt(request: AuthorizeRequest) -> str:
    """The id of the payment."""
    return request.idempotency_key.removeprefix("charge:")


def _charge(payment: Payment) -> Charge:
    is_approved = payment.captured or payment.status in {PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED}
    return Charge(
        reference=payment.id,
        payment_id=payment.payment_id,
        money=Money(payment.amount, payment.currency),
        is_approved=is_approved,
        created_at=payment.created_at,
    )
