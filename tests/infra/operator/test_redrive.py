"""Redrive moves dead letters back without loss."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.payment import PaymentStatus
from chalicelib.workers import relay_changes
from infra.__main__ import main
from infra.errors import InfraError
from infra.operator.deployment import Deployment
from infra.operator.redrive import dead_letters
from infra.operator.redrive.dead_letters import DeadLetters
from infra.operator.redrive.jobs import describe, move, move_all
from infra.operator.redrive.stream_records import replay
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import MERCHANT_ID, order, pay


@pytest.fixture(autouse=True)
def _no_long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto waits for real time, but the test's clock is frozen."""
    monkeypatch.setattr(dead_letters, "WAIT_S", 0)


@pytest.fixture
def letters(cloud: Cloud) -> DeadLetters:
    return DeadLetters(cloud.sqs, cloud.gateway.settings.queues.payments.dead_letters)


@pytest.fixture
def jobs_url(cloud: Cloud) -> str:
    return cloud.gateway.settings.queues.payments.jobs


def put(letters: DeadLetters, *bodies: str) -> None:
    for body in bodies:
        letters.sqs.send_message(QueueUrl=letters.url, MessageBody=body)


def left(cloud: Cloud, url: str) -> int:
    """The number of visible messages, a moment later."""
    cloud.time.shift(1)
    return DeadLetters(cloud.sqs, url).count()


def test_a_payment_with_a_dead_job_settles_after_the_redrive(
    cloud: Cloud, letters: DeadLetters, jobs_url: str
):
    payment = pay(cloud)
    cloud.relay()
    (job,) = cloud.messages(jobs_url)
    cloud.sqs.purge_queue(QueueUrl=jobs_url)
    put(letters, job)
    assert move(letters, jobs_url, limit=None) == 1
    assert left(cloud, letters.url) == 0
    cloud.run(for_s=20)
    assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS


def test_more_than_a_batch_is_moved(cloud: Cloud, letters: DeadLetters, jobs_url: str):
    bodies = [f"job {index}" for index in range(23)]
    put(letters, *bodies)
    assert move(letters, jobs_url, limit=None) == 23
    assert sorted(cloud.messages(jobs_url)) == sorted(bodies)
    assert cloud.messages(letters.url) == []


def test_the_number_of_moved_messages_is_limited(cloud: Cloud, letters: DeadLetters, jobs_url: str):
    put(letters, *(f"job {index}" for index in range(14)))
    assert move(letters, jobs_url, limit=12) == 12
    assert left(cloud, letters.url) == 2


def test_a_message_that_sqs_rejects_is_not_deleted(cloud: Cloud, letters: DeadLetters, jobs_url: str):
    put(letters, "one", "two", "three")

    def reject_second(QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        taken = [entry for entry in Entries if entry["Id"] != "1"]
        answer: dict[str, Any] = cloud.sqs.send_message_batch(QueueUrl=QueueUrl, Entries=taken)
        return answer

    refusing = DeadLetters(Replaced(cloud.sqs, {"send_message_batch": reject_second}), letters.url)
    with pytest.raises(InfraError, match="after 2"):
        move(refusing, jobs_url, limit=None)
    assert len(cloud.messages(jobs_url)) == 2
    assert left(cloud, letters.url) == 1


def test_a_crash_between_sending_and_deleting_loses_no_message(
    cloud: Cloud, letters: DeadLetters, jobs_url: str
):
    put(letters, "job")

    def crash(**_request: Any) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        move(
            DeadLetters(Replaced(cloud.sqs, {"delete_message_batch": crash}), letters.url),
            jobs_url,
            limit=None,
        )
    assert cloud.messages(jobs_url) == ["job"]
    assert cloud.messages(letters.url) == ["job"]


def test_peeking_changes_nothing(cloud: Cloud, letters: DeadLetters):
    put(letters, "one", "two")
    for _ in range(2):
        cloud.time.shift(1)
        assert sorted(message.body for message in letters.peek(10)) == ["one", "two"]
    assert left(cloud, letters.url) == 2


def test_a_dead_job_is_described_by_its_ids_and_other_messages_are_not_printed():
    job = {
        "job": "process_refund",
        "refund_id": "rfnd_1",
        "payment_id": "pay_1",
        "due_at": "then",
        "token": "t",
    }
    assert describe(json.dumps(job)) == "process_refund rfnd_1, due then"
    for poison in ("4111111111111111", "[]", "{}", '"4111"', "null"):
        assert "4111" not in describe(poison)
        assert describe(poison).startswith("not a gateway job")


def test_sqs_moves_the_messages_if_it_supports_it(letters: DeadLetters):
    sqs = MoveTasks(["RUNNING", "COMPLETED"], arn=letters.arn())
    assert move_all(DeadLetters(sqs, letters.url)) == 3
    assert sqs.started == [letters.arn()]


def test_a_failed_move_is_an_error(letters: DeadLetters):
    sqs = MoveTasks(["FAILED"], arn=letters.arn())
    with pytest.raises(InfraError, match="AccessDenied"):
        move_all(DeadLetters(sqs, letters.url))


def test_without_support_of_sqs_the_command_moves_the_messages(letters: DeadLetters):
    def unknown(**_request: Any) -> None:
        raise ClientError({"Error": {"Code": "InvalidAction"}}, "StartMessageMoveTask")

    sqs = Replaced(letters.sqs, {"start_message_move_task": unknown})
    assert move_all(DeadLetters(sqs, letters.url)) is None


def test_the_command_moves_or_lists_messages(
    cloud: Cloud, deployed: Deployment, letters: DeadLetters, capsys: pytest.CaptureFixture[str]
):
    put(letters, "poison")
    assert main(["redrive", "payments", "--stage", STAGE, "--dry-run"]) == 0
    assert "not a gateway job" in capsys.readouterr().out
    assert left(cloud, letters.url) == 1
    assert main(["redrive", "payments", "--stage", STAGE, "--limit", "5"]) == 0
    assert "1 moved back" in capsys.readouterr().out
    assert left(cloud, letters.url) == 0


class TestRelay:
    """Changes that the relay discarded after its retries."""

    def test_they_are_dispatched_again_and_counted_once(self, cloud: Cloud, relay_letters: str):
        discard_batch(cloud, relay_letters, dispatched_before=1, made=[order(cloud).id for _ in range(3)])
        assert replayed(cloud, relay_letters) == 0
        assert left(cloud, relay_letters) == 0
        assert cloud.gateway.stats.total(MERCHANT_ID, "orders") == 3
        cloud.run()
        assert cloud.gateway.stats.total(MERCHANT_ID, "orders") == 3

    def test_only_the_changes_of_the_batch_are_dispatched(self, cloud: Cloud, relay_letters: str):
        dispatched: list[list[dict[str, Any]]] = []
        for _ in range(5):
            order(cloud)
        records = cloud.stream_records()
        put_failure(cloud, relay_letters, records[1:4])

        def remember(records: list[dict[str, Any]]) -> dict[str, Any]:
            dispatched.append(records)
            return relay_changes(cloud.gateway, records)

        assert replayed(cloud, relay_letters, remember) == 0
        assert [each["eventID"] for each in dispatched[0]] == [record["eventID"] for record in records[1:4]]
        assert all("eventSourceARN" in record for record in dispatched[0])

    def test_a_change_that_the_relay_rejects_again_stays(
        self, cloud: Cloud, relay_letters: str, capsys: pytest.CaptureFixture[str]
    ):
        discard_batch(cloud, relay_letters, dispatched_before=0, made=[order(cloud).id])
        refusal = {"batchItemFailures": [{"itemIdentifier": "1"}]}
        assert replayed(cloud, relay_letters, lambda _records: refusal) == 1
        assert left(cloud, relay_letters) == 1
        assert "cannot read" in capsys.readouterr().out

    def test_a_change_that_the_stream_has_trimmed_stays_and_the_solution_is_printed(
        self, cloud: Cloud, relay_letters: str, capsys: pytest.CaptureFixture[str]
    ):
        discard_batch(cloud, relay_letters, dispatched_before=0, made=[order(cloud).id])
        put(DeadLetters(cloud.sqs, relay_letters), "{}")

        def forgotten(**_request: Any) -> None:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")

        assert replayed(cloud, relay_letters, streams={"get_shard_iterator": forgotten}) == 1
        assert left(cloud, relay_letters) == 2
        output = capsys.readouterr().out
        assert "no longer has these changes" in output
        assert "not a failed batch of a stream" in output
        assert "purge-queue" in output


def discard_batch(cloud: Cloud, url: str, *, dispatched_before: int, made: list[str]) -> None:
    """Discard a batch of the rows in ``made``, after the relay had dispatched some of them."""
    records = cloud.stream_records()
    assert len(records) == len(made)
    relay_changes(cloud.gateway, records[:dispatched_before])
    put_failure(cloud, url, records)


def put_failure(cloud: Cloud, url: str, records: list[dict[str, Any]]) -> None:
    """The message that Lambda sends to the dead-letter queue of a stream's event source."""
    arn = records[0]["eventSourceARN"]
    streams = boto3.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    batch = {
        "streamArn": arn,
        "shardId": shard,
        "startSequenceNumber": records[0]["dynamodb"]["SequenceNumber"],
        "endSequenceNumber": records[-1]["dynamodb"]["SequenceNumber"],
        "batchSize": len(records),
        "approximateArrivalOfFirstRecord": "2026-03-14T15:09:26Z",
    }
    body = {"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": batch}
    cloud.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))


def replayed(
    cloud: Cloud,
    url: str,
    invoke: Callable[[list[dict[str, Any]]], Any] | None = None,
    streams: dict[str, Callable[..., Any]] | None = None,
) -> int:
    client = Replaced(boto3.client("dynamodbstreams"), streams or {})
    return replay(
        DeadLetters(cloud.sqs, url),
        client,
        invoke or (lambda records: relay_changes(cloud.gateway, records)),
        limit=None,
    )


@dataclass(frozen=True)
class Replaced:
    """A client with some methods replaced."""

    client: Any
    otherwise: dict[str, Callable[..., Any]]

    def __getattr__(self, name: str) -> Any:
        return self.otherwise.get(name) or getattr(self.client, name)


@dataclass
class MoveTasks:
    """SQS with support for moving messages."""

    statuses: list[str]
    arn: str
    started: list[str] = field(default_factory=list)

    def get_queue_attributes(self, **_request: Any) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": self.arn}}

    def start_message_move_task(self, SourceArn: str) -> None:  # noqa: N803
        self.started.append(SourceArn)

    def list_message_move_tasks(self, **_request: Any) -> dict[str, Any]:
        status = self.statuses.pop(0)
        task = {"Status": status, "ApproximateNumberOfMessagesMoved": 3}
        return {"Results": [task | ({"FailureReason": "AccessDenied"} if status == "FAILED" else {})]}
