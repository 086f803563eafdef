"""Poison messages move to the dead-letter queue and do not affect other messages."""

import json
from typing import Any

import pytest

from tests.e2e.api import Json, eventually

pytestmark = pytest.mark.contract("7")

POISON = ["not JSON", "{}", "[1, 2]", json.dumps({"kind": "unknown"})]


@pytest.fixture
def short_timeout_queue(aws, gateway):
    """A function that shortens a queue's visibility time-out to one second and returns the queue URL."""
    sqs, before = aws("sqs"), {}

    def shorten(output):
        url = gateway.stack_outputs[output]
        name = "VisibilityTimeout"
        before[url] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: "1"})
        return url

    yield shorten
    for url, timeout_s in before.items():
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": timeout_s})


@pytest.mark.parametrize("queue", ["PaymentsQueue", "WebhooksQueue"])
def test_a_poison_message_moves_to_the_dead_letter_queue_and_others_are_processed(
    merchant, aws, short_timeout_queue, queue
):
    sqs = aws("sqs")
    url = short_timeout_queue(queue)
    sent = {sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"] for body in POISON}
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment()
        receiver.wait_for("payment.success", payment_id=payment["id"])
    dead = dead_letters(sqs, url, len(sent))
    assert {message["MessageId"] for message in dead} >= sent


def dead_letters(sqs: Any, url: str, count: int) -> list[Json]:
    """Wait until the dead-letter queue has `count` messages, and return them."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
    arn = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"]
    dead_url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
    found: list[Json] = []

    def probe() -> bool:
        answer = sqs.receive_message(QueueUrl=dead_url, MaxNumberOfMessages=10, VisibilityTimeout=60)
        found.extend(answer.get("Messages", []))
        return len(found) >= count

    eventually(probe)
    return found
