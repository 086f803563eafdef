"""The HTTP requests to Razorpay's API: authentication, reads and lists."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from chalicelib.acquirers.credentials import CredentialsError, MerchantCredentials
from chalicelib.acquirers.exchange import Exchange, ModelT, UnusableResponseError
from chalicelib.acquirers.razorpay.values import Items, ItemT, Order, Payment, PaymentStatus, Refund
from chalicelib.acquirers.transport import Request, Response, Transport

OK = range(200, 300)
PAGE_SIZE = 100  # the largest page of a list

_URL = "https://api.razorpay.com"
_SAFE_URL = re.compile(r"https://[^/?#@\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?")
_PROGRESS = list(PaymentStatus)


@dataclass(frozen=True, kw_only=True)
class RazorpayApi:
    """Requests with the credentials of one merchant.

    They raise NoResponseError, UnusableResponseError and CredentialsError.
    """

    acquirer: str
    credentials: MerchantCredentials
    transport: Transport

    @property
    def exchange(self) -> Exchange:
        """Sends the requests and reads the responses."""
        return Exchange(acquirer=self.acquirer, transport=self.transport, id_header="x-razorpay-request-id")

    def credential(self, name: str) -> str:
        """A required credential."""
        if not (found := self.credentials.get().get(name)):
            raise CredentialsError(f"the acquirer {self.acquirer} needs the credential {name}")
        return found

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Response:
        """The response, which can be a refusal."""
        return self.exchange.send(self._request("POST", path, json.dumps(body).encode(), headers))

    def get(self, path: str, model: type[ModelT], **query: Any) -> ModelT:
        """The object at ``path``."""
        response = self.exchange.send(self._request("GET", f"{path}?{urlencode(query)}" if query else path))
        if response.status not in OK:
            self.exchange.report(response, "a read is refused")
            raise UnusableResponseError
        return self.exchange.read(response, model)

    def pages(self, path: str, page: type[Items[ItemT]], **query: Any) -> Iterator[ItemT]:
        """The items of all pages of a list. 1 request per page."""
        for skip in count(step=PAGE_SIZE):
            items = self.get(path, page, **query, count=PAGE_SIZE, skip=skip).items
            yield from items
            if len(items) < PAGE_SIZE:
                return

    def payment(self, reference: str | None) -> Payment:
        """The payment."""
        return self.get(f"/v1/payments/{reference}", Payment)

    def payment_of(self, receipt: str) -> Payment | None:
        """The payment with the most progress of all orders with the receipt. 1 request, and 1 per order."""
        found = self.pages("/v1/orders", Items[Order], receipt=receipt)
        orders = [order for order in found if order.receipt == receipt]
        lists = [self.get(f"/v1/orders/{order.id}/payments", Items[Payment]) for order in orders]
        payments = [payment for one in lists for payment in one.items]
        return max(payments, key=lambda one: (_PROGRESS.index(one.status), one.created_at), default=None)

    def refund(self, reference: str) -> Refund:
        """The refund."""
        return self.get(f"/v1/refunds/{reference}", Refund)

    def refund_of(self, payment_reference: str | None, receipt: str) -> Refund | None:
        """The refund of the payment with the receipt. 1 request per 100 refunds."""
        refunds = self.pages(f"/v1/payments/{payment_reference}/refunds", Items[Refund])
        return next((one for one in refunds if one.receipt == receipt), None)

    def _request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Request:
        pair = f"{self.credential('key_id')}:{self.credential('key_secret')}".encode()
        always = {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
        if body:
            always["content-type"] = "application/json"
        url = self.credentials.get().get("api_url", _URL)
        if not _SAFE_URL.fullmatch(url):
            raise CredentialsError("api_url must use https, or http on this machine")
        return Request(method=method, url=url + path, headers={**always, **(headers or {})}, body=body)
