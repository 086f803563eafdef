"""A merchant with one object of each kind, and the stored rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from chalicelib.domain.api_request import ApiRequest
from chalicelib.domain.clock import utc_now
from tests.api.client import PASSWORD, Api, made, shown
from tests.api.webhooks import set_url, url_of
from tests.charges import open_charge
from tests.cloud import Cloud

FEW = 2  # the smallest number of objects for which a page can be incomplete


@dataclass(frozen=True)
class MerchantObjects:
    """The merchant, and the ids of its objects, by the parameter names of the routes."""

    api: Api
    session: Api
    ids: Mapping[str, str]
    signing_secret: str
    reserved_payment_id: str

    @property
    def identifiers(self) -> list[str]:
        """The values whose presence in a response reveals data of this merchant."""
        key, secret = self.api.credentials.values()
        own = [self.api.merchant_id, self.api.email, key, secret, url_of(self.api), self.signing_secret]
        return [*own, *self.ids.values()]


def create_objects(cloud: Cloud, merchant: Api) -> MerchantObjects:
    """Create a session, orders, successful payments, refunds and webhook logs for ``merchant``."""
    set_url(merchant)
    endpoint = made(merchant.post("/webhooks/endpoints", {"url": url_of(merchant)}))
    order = merchant.order(receipt=merchant.email, notes={"of": merchant.email})
    payment, *_ = [merchant.payment(order_id=order["id"]) for _ in range(FEW)]
    reserved = merchant.payment(capture="manual")
    cloud.run(for_s=15)
    refund, *_ = [merchant.refund(payment["id"], 100, reason=merchant.email) for _ in range(FEW)]
    merchant.order()
    cloud.run(for_s=15)
    secret = shown(merchant.post("/webhooks/secret/regenerate"))["webhook_secret"]
    log = shown(merchant.get("/webhooks"))["data"][0]
    return MerchantObjects(
        api=merchant,
        session=sign_in(merchant),
        ids={
            "order_id": order["id"],
            "payment_id": payment["id"],
            "refund_id": refund["id"],
            "charge_id": open_charge(cloud.gateway).id,
            "log_id": log["id"],
            "event_id": shown(merchant.get("/events"))["data"][0]["id"],
            "endpoint_id": endpoint["id"],
            "request_id": log_requests(cloud, merchant, payment["id"]),
            "merchant_id": merchant.merchant_id,
            "name": "recording",
        },
        signing_secret=secret,
        reserved_payment_id=reserved["id"],
    )


def log_requests(cloud: Cloud, merchant: Api, payment_id: str) -> str:
    """Write the log of API requests, which is off in these tests. Returns the id of a request."""
    cloud.gateway.request_log = replace(cloud.gateway.request_log, days=7)
    ids = [str(uuid4()) for _ in range(FEW)]
    for id_ in ids:
        cloud.gateway.request_log.write(
            ApiRequest(
                request_id=id_,
                merchant_id=merchant.merchant_id,
                created_at=utc_now(),
                method="GET",
                route="/api/v1/payments/{payment_id}",
                status=200,
                took_ms=5,
                credential="dashboard",
                payment_id=payment_id,
            )
        )
    return ids[0]


def sign_in(merchant: Api) -> Api:
    """The merchant with a new session."""
    answer = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD})
    return merchant.bearing(made(answer)["token"])


def rows_of(cloud: Cloud, merchant: Api) -> list[str]:
    """Every row that contains the merchant's id, in all tables."""
    return [row for row in all_rows(cloud) if merchant.merchant_id in row]


def all_rows(cloud: Cloud, *, excluded: tuple[str, ...] = ()) -> list[str]:
    """Every row, except those of the tables in ``but``."""
    tables = vars(cloud.gateway.settings.tables)
    rows = [row for name, table in tables.items() if name not in excluded for row in cloud.rows(table)]
    return sorted(json.dumps(row, sort_keys=True) for row in rows)
