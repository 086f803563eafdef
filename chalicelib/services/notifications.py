"""Notifications of acquirers: a verified one causes a check of the status, and nothing else."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.acquirers.base import InvalidNotificationError, Notification
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.acquirers.registry import Acquirers, UnknownAcquirerError
from chalicelib.domain.errors import BadRequestError
from chalicelib.jobs.queue import JobQueues
from chalicelib.observability import logger
from chalicelib.services.payments import PaymentService
from chalicelib.services.refunds import RefundService
from chalicelib.store.merchants import MerchantStore

MAX_BODY_BYTES = 64 * 1024  # larger than the notifications of known acquirers
MAX_ID_CHARS = 64  # longer than any id of the gateway; DynamoDB rejects keys that are much longer
MAX_IDS = 100  # in one notification; each is read with one or two requests
_MERCHANT_ID = re.compile("[0-9a-f-]{36}")  # others exist in the table of merchants, but not as merchants


class NotificationRefusedError(BadRequestError):
    """The notification is not valid. The error is the same for all reasons, and for unknown merchants."""

    def __init__(self) -> None:
        super().__init__("The notification is not valid")


@dataclass(frozen=True, kw_only=True)
class NotificationService:
    """Receives the notifications of all acquirers."""

    merchants: MerchantStore
    acquirers: Acquirers
    payments: PaymentService
    refunds: RefundService
    queues: JobQueues

    def receive(self, acquirer: str, merchant_id: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a job for each payment and refund of the merchant at the acquirer that needs a check.

        1 request to AWS for an invalid notification, if the merchant's credentials are cached. Payments of
        others are ignored. Raises NotificationRefusedError.
        """
        notification = self._verified(acquirer, merchant_id, headers, body)
        payments = [
            self.payments.status_job(id_, merchant_id=merchant_id, acquirer=acquirer)
            for id_ in _ids(notification.payment_ids)
        ]
        refunds = [
            self.refunds.status_job(id_, merchant_id=merchant_id, acquirer=acquirer)
            for id_ in _ids(notification.refund_ids)
        ]
        self.queues.payments.send([job for job in payments if job])
        self.queues.refunds.send([job for job in refunds if job])
        logger.info("acquirer notification", merchant_id=merchant_id, acquirer=acquirer)

    def _verified(
        self, acquirer: str, merchant_id: str, headers: Mapping[str, str], body: bytes
    ) -> Notification:
        """The valid notification. Whatever is wrong, at least one HMAC of the body is computed."""
        try:
            notification = self._parsed(acquirer, merchant_id, headers, body)
        except (InvalidNotificationError, CredentialsError, UnknownAcquirerError) as error:
            hmac.digest(b"unknown", body[:MAX_BODY_BYTES], hashlib.sha256)
            logger.info("acquirer notification refused", reason=type(error).__name__)
            raise NotificationRefusedError from None
        return notification

    def _parsed(
        self, acquirer: str, merchant_id: str, headers: Mapping[str, str], body: bytes
    ) -> Notification:
        merchant = self.merchants.get(merchant_id) if _MERCHANT_ID.fullmatch(merchant_id) else None
        if merchant is None or len(body) > MAX_BODY_BYTES:
            raise InvalidNotificationError
        notification = self.acquirers.of(acquirer, merchant.id).parse_notification(headers, body)
        if len(notification.payment_ids) + len(notification.refund_ids) > MAX_IDS:
            raise InvalidNotificationError
        return notification


def _ids(notified: Iterable[str]) -> list[str]:
    """The different ids that an object of this gateway can have."""
    return list(dict.fromkeys(id_ for id_ in notified if 0 < len(id_) <= MAX_ID_CHARS))
