"""Webhook endpoints of a merchant: create, change and delete them, and read their health."""

from dataclasses import dataclass
from random import Random

from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import AuthenticationError, BadRequestError, NotFoundError
from chalicelib.domain.event import PayloadFormat
from chalicelib.domain.idempotency import Idempotency
from chalicelib.domain.signature import new_signing_secret
from chalicelib.domain.webhook_endpoint import (
    DEFAULT_ID,
    MAX_ENDPOINTS,
    SECRET_OVERLAP,
    DisabledReason,
    EndpointKey,
    EndpointStatus,
    WebhookEndpoint,
    new_endpoint_id,
)
from chalicelib.domain.webhook_health import RETENTION, Health, health_of
from chalicelib.store.merchants import MerchantStore
from chalicelib.store.webhook_endpoints import Changes, TooManyEndpointsError, WebhookEndpointStore
from chalicelib.store.webhook_health import WebhookHealthStore

TOO_MANY = f"A merchant has at most {MAX_ENDPOINTS} webhook endpoints"
NOT_DELETABLE = "The default endpoint cannot be deleted. Remove its URL with PUT /webhooks/config"


@dataclass(frozen=True, kw_only=True)
class NewEndpoint:
    """A request for a new endpoint."""

    url: str
    events: frozenset[str]
    payload: PayloadFormat
    description: str | None
    status: EndpointStatus


@dataclass(frozen=True, kw_only=True)
class WebhookEndpointService:
    """The webhook endpoints of all merchants. No endpoint is cached."""

    merchants: MerchantStore
    endpoints: WebhookEndpointStore
    health: WebhookHealthStore
    clock: Clock
    random: Random

    def all(self, merchant_id: str) -> list[WebhookEndpoint]:
        """The merchant's endpoints, the default one first. 2 requests."""
        merchant = self.merchants.get(merchant_id)
        if merchant is None:
            raise AuthenticationError
        return self.endpoints.of_merchant(merchant)

    def get(self, key: EndpointKey) -> WebhookEndpoint:
        """The endpoint. 1 request. Raises NotFoundError."""
        return _existing(self.endpoints.get(key), key)

    def health_of(self, key: EndpointKey) -> Health:
        """The health of the endpoint. 1 request."""
        now = self.clock()
        return health_of(self.health.hours(key, since=now - RETENTION), now)

    def create(
        self, merchant_id: str, new: NewEndpoint, idempotency: Idempotency[WebhookEndpoint]
    ) -> WebhookEndpoint:
        """Create an endpoint. 1 request.

        Raises AlreadyCreatedError, and BadRequestError if the merchant has MAX_ENDPOINTS.
        """
        now = self.clock()
        is_disabled = new.status is EndpointStatus.DISABLED
        endpoint = WebhookEndpoint(
            id=new_endpoint_id(self.random),
            url=new.url,
            secret=new_signing_secret(self.random),
            events=new.events,
            payload=new.payload,
            description=new.description,
            disabled_at=now if is_disabled else None,
            disabled_reason=DisabledReason.REQUESTED if is_disabled else None,
        )
        record = idempotency.record(endpoint, merchant_id, now=now)
        key = EndpointKey(merchant_id, endpoint.id)
        try:
            idempotency.check(self.endpoints.create(key, endpoint, record, now=now))
        except TooManyEndpointsError:
            raise BadRequestError(TOO_MANY, field="url") from None
        return endpoint

    def change(self, key: EndpointKey, changes: Changes) -> WebhookEndpoint:
        """Apply ``changes``. 1 request. Raises NotFoundError, and BadRequestError if nothing is changed."""
        if not changes:
            raise BadRequestError("The body must contain at least one field")
        if key.endpoint_id != DEFAULT_ID and changes.get("url", "") is None:
            raise BadRequestError("url is required", field="url")
        return _existing(self.endpoints.change(key, changes, now=self.clock()), key)

    def delete(self, key: EndpointKey) -> None:
        """Delete the endpoint; deliveries that wait end as failed. 1 request.

        Raises NotFoundError, and BadRequestError for the default endpoint.
        """
        if key.endpoint_id == DEFAULT_ID:
            raise BadRequestError(NOT_DELETABLE)
        if not self.endpoints.delete(key):
            raise NotFoundError("Webhook endpoint")

    def set_url(self, merchant_id: str, url: str | None) -> WebhookEndpoint:
        """Set the URL of the default endpoint and enable it; None removes the URL. 1 request."""
        return self.change(EndpointKey(merchant_id), {"url": url, "status": EndpointStatus.ENABLED})

    def regenerate_secret(self, key: EndpointKey) -> WebhookEndpoint:
        """Create a new signing secret. For SECRET_OVERLAP the previous one signs too. 1 request."""
        until = self.clock() + SECRET_OVERLAP
        secret = new_signing_secret(self.random)
        return _existing(self.endpoints.set_secret(key, secret, previous_until=until), key)


def _existing(endpoint: WebhookEndpoint | None, key: EndpointKey) -> WebhookEndpoint:
    """The endpoint. If the default one does not exist, the merchant does not exist any longer."""
    if endpoint is not None:
        return endpoint
    if key.endpoint_id == DEFAULT_ID:
        raise AuthenticationError
    raise NotFoundError("Webhook endpoint")
