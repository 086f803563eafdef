"""Response bodies of the log of API requests."""

from typing import Self

from chalicelib.api.fields import OrderId, PaymentId, RefundId, RequestId, Timestamp, WebhookLogId
from chalicelib.api.responses.view import View
from chalicelib.domain.api_request import ApiRequest


class RequestView(View):
    """A request to the API. `id` is the `request_id` of an error response.

    `credential` is the API key, or `dashboard`. The other ids are those of the objects of the request.
    """

    id: RequestId
    created_at: Timestamp
    method: str
    route: str
    status: int
    error_code: str | None
    took_ms: int
    credential: str
    order_id: OrderId | None
    payment_id: PaymentId | None
    refund_id: RefundId | None
    webhook_log_id: WebhookLogId | None

    @classmethod
    def of(cls, request: ApiRequest) -> Self:
        """The fields of ``request``."""
        return cls.model_validate(vars(request) | {"id": request.request_id})
