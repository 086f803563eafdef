"""A card's number and CVV live as long as the request that brought them."""

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


@pytest.mark.sensitive("a CVV may stand in a UUID or a duration")
def test_a_cards_number_and_cvv_are_in_no_answer_row_message_webhook_or_log(merchant, gateway, aws):
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
        assert not shows_a_secret(text), text


def test_the_search_would_find_what_it_looks_for():
    for leak in (NUMBER, SPACED, f'"cvv": "{CVV}"', f"{{'cvv': {{'S': '{CVV}'}}}}", f"cvv={CVV},"):
        assert shows_a_secret(leak)


def shows_a_secret(text: str) -> bool:
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
