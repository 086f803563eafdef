"""The gateway discards card number and CVV at the end of the request."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.gateway import LocalGateway
from tests.e2e.api import assert_error, card
from tests.secrecy.search import cvv_in

pytestmark = pytest.mark.contract("5")

NUMBER = "5204740000002745"
CVV = "9173"
SPACED = "5204 7400 0000 2745"
NUMBERS = re.compile(rf"{NUMBER}|{SPACED}")


@pytest.mark.sensitive("a random UUID or a duration can contain the CVV")
def test_card_data_does_not_appear_in_responses_rows_messages_webhooks_or_logs(merchant, gateway, aws):
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        order = merchant.order()
        body = {"order_id": order["id"], **card(number=SPACED, cvv=CVV)}
        created = merchant.post("/payments", body, headers={"Idempotency-Key": "card-secrecy"})
        assert created.status_code == 201, created.text
        refused = merchant.post("/payments", {**body, **card(number=NUMBER, cvv=CVV, expiry_year=2001)})
        assert_error(refused, 400, "EXPIRED_CARD")
        payment_id = created.json()["id"]
        receiver.wait_for("payment.success", payment_id=payment_id)
        seen = [created.text, refused.text, json.dumps(merchant.settled(payment_id))]
        seen += [delivery.body.decode() for delivery in receiver.deliveries]
    rows = list(table_rows(gateway, aws("dynamodb")))
    logs = list(log_lines(aws("logs")))
    assert any(payment_id in row for row in rows)
    assert any(payment_id in line for line in logs)
    for text in [*seen, *rows, *logs]:
        assert not contains_a_secret(text), text


def test_the_search_finds_a_leak():
    for leak in (NUMBER, SPACED, f'"cvv": "{CVV}"', f"{{'cvv': {{'S': '{CVV}'}}}}", f"cvv={CVV},"):
        assert contains_a_secret(leak)


def contains_a_secret(text: str) -> bool:
    return bool(NUMBERS.search(text) or list(cvv_in(text, CVV)))


def table_rows(gateway: LocalGateway, dynamodb: Any) -> Iterator[str]:
    tables = [name for output, name in gateway.stack_outputs.items() if output.endswith("Table")]
    assert tables
    for table in tables:
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            yield from map(str, page["Items"])


def log_lines(logs: Any) -> Iterator[str]:
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            for found in events:
                yield from (event["message"] for event in found["events"])
