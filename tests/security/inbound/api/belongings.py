"""A merchant who has one of everything, and all that is kept of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.api.client import PASSWORD, Api, made, shown
from tests.api.webhooks import set_url, url_of
from tests.cloud import Cloud

FEW = 2  # the least of which a page can show less than all


@dataclass(frozen=True)
class Belongings:
    """The merchant, and the ids of what is theirs by the names that routes have for them."""

    api: Api
    session: Api
    ids: Mapping[str, str]
    signing_secret: str

    @property
    def marks(self) -> list[str]:
        """What tells that an answer shows something of this merchant."""
        key, secret = self.api.credentials.values()
        own = [self.api.merchant_id, self.api.email, key, secret, url_of(self.api), self.signing_secret]
        return [*own, *self.ids.values()]


def furnish(cloud: Cloud, merchant: Api) -> Belongings:
    """Give ``merchant`` a session, and some orders, payments that succeeded, refunds and webhook logs."""
    set_url(merchant)
    order = merchant.order(receipt=merchant.email, notes={"of": merchant.email})
    payment, *_ = [merchant.payment(order_id=order["id"]) for _ in range(FEW)]
    cloud.run(for_s=15)
    refund, *_ = [merchant.refund(payment["id"], 100, reason=merchant.email) for _ in range(FEW)]
    merchant.order()
    cloud.run(for_s=15)
    secret = shown(merchant.post("/webhooks/secret/regenerate"))["webhook_secret"]
    log = shown(merchant.get("/webhooks"))["data"][0]
    return Belongings(
        api=merchant,
        session=sign_in(merchant),
        ids={
            "order_id": order["id"],
            "payment_id": payment["id"],
            "refund_id": refund["id"],
            "log_id": log["id"],
        },
        signing_secret=secret,
    )


def sign_in(merchant: Api) -> Api:
    """The merchant in a new session."""
    answer = merchant.anonymous.post("/sessions", {"email": merchant.email, "password": PASSWORD})
    return merchant.bearing(made(answer)["token"])


def rows_of(cloud: Cloud, merchant: Api) -> list[str]:
    """Every row that names the merchant, in all tables."""
    return [row for row in all_rows(cloud) if merchant.merchant_id in row]


def all_rows(cloud: Cloud, *, but: tuple[str, ...] = ()) -> list[str]:
    """Every row there is, but for those of the tables named."""
    tables = vars(cloud.gateway.settings.tables)
    rows = [row for name, table in tables.items() if name not in but for row in cloud.rows(table)]
    return sorted(json.dumps(row, sort_keys=True) for row in rows)
