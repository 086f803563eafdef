"""The queues neither deliver a message twice concurrently nor lose one."""

import pytest

JOB_QUEUES = {
    "PaymentsQueue": "PaymentWorker",
    "RefundsQueue": "RefundWorker",
    "WebhooksQueue": "WebhookWorker",
    "SlowWebhooksQueue": "SlowWebhookWorker",
}


@pytest.fixture
def queues(of_type):
    return of_type("AWS::SQS::Queue")


@pytest.mark.parametrize(("queue", "reader"), JOB_QUEUES.items())
def test_the_visibility_timeout_is_six_times_the_time_out_of_the_consumer(queues, of_type, queue, reader):
    timeout_s = of_type("AWS::Serverless::Function")[reader]["Timeout"]
    assert queues[queue]["VisibilityTimeout"] >= 6 * timeout_s


@pytest.mark.parametrize("queue", JOB_QUEUES)
def test_a_message_that_always_fails_reaches_the_dead_letter_queue_after_ten_tries(queues, queue):
    """Throttled receives count too; ten tries allow about half an hour of throttling."""
    redrive = queues[queue]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == 10
    assert redrive["maxReceiveCount"] * queues[queue]["VisibilityTimeout"] >= 15 * 60
    assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues


def test_every_queue_is_encrypted_and_keeps_messages_for_two_weeks(queues):
    for queue in queues.values():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_queue_is_named_after_its_stack(queues):
    for queue in queues.values():
        assert queue["QueueName"]["Fn::Sub"].startswith("${AWS::StackName}-")
