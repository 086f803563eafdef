"""Messages nobody can read end in the dead-letter queue and harm no other."""

import json
from typing import Any

import pytest

from tests.e2e.api import Json, eventually

pytestmark = pytest.mark.contract("7")

POISON = ["not JSON", "{}", "[1, 2]", json.dumps({"kind": "unheard-of"})]


@pytest.fixture
def impatient(aws, gateway):
    """A queue's address by output name, with a visibility time-out that lets its tries pass in seconds."""
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
def test_a_message_that_cannot_be_read_goes_to_the_dead_letters_and_others_go_through(
    merchant, aws, impatient, queue
):
    sqs = aws("sqs")
    url = impatient(queue)
    sent = {sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"] for body in POISON}
    with merchant.receiver() as receiver:
        merchant.send_webhooks_to(receiver.url)
        payment = merchant.payment()
        receiver.wait_for("payment.success", payment_id=payment["id"])
    dead = dead_letters(sqs, url, len(sent))
    assert {message["MessageId"] for message in dead} >= sent


def dead_letters(sqs: Any, url: str, count: int) -> list[Json]:
    """The messages of the queue's dead-letter queue, once there are `count`."""
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
