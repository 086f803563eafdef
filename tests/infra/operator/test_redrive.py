"""Redrive moves dead letters back without loss."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.payment import PaymentStatus
from chalicelib.workers import streams
from chalicelib.workers.streams import record_events, relay_changes
from infra.__main__ import main
from infra.errors import InfraError
from infra.operator.deployment import Deployment
from infra.operator.redrive import dead_letters
from infra.operator.redrive.dead_letters import DeadLetters
from infra.operator.redrive.jobs import describe, move, move_all
from infra.operator.redrive.stream_records import StreamFunction, replay
from infra.stage import Stage
from tests.cloud import Cloud
from tests.infra.operator.conftest import STAGE
from tests.services.shop import feed, pay


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


class TestStreamRecords:
    """Records that the relay or the recorder could not read."""

    def test_they_are_processed_after_the_cause_is_fixed(
        self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        payment = pay(cloud)
        with monkeypatch.context() as broken:
            broken.setattr(streams, "effects_of", unable_to_read)
            assert cloud.relay()
        cloud.run(for_s=20)
        assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.PENDING
        for reader, letters in readers(cloud):
            assert replay(letters, reader, limit=None) == 0
            assert f"replayed: {payment.id} in test-payments, written at 2026" in capsys.readouterr().out
            assert left(cloud, letters.url) == 0
        cloud.run(for_s=20)
        assert cloud.gateway.payments.get(payment.id).status is PaymentStatus.SUCCESS
        assert [event.name for event in feed(cloud)] == [
            "payment.created",
            "payment.pending",
            "payment.success",
        ]

    def test_records_that_still_cannot_be_read_stay_once(
        self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        for _ in range(12):
            pay(cloud)
        monkeypatch.setattr(streams, "effects_of", unable_to_read)
        assert cloud.relay()
        for reader, letters in readers(cloud):
            assert left(cloud, letters.url) == 12
            assert replay(letters, reader, limit=None) == 1
            assert left(cloud, letters.url) == 12
            assert "the function still cannot read it" in capsys.readouterr().out

    def test_a_record_stays_if_the_function_fails(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch):
        pay(cloud)
        with monkeypatch.context() as broken:
            broken.setattr(streams, "effects_of", unable_to_read)
            assert cloud.relay()
        for reader, letters in readers(cloud):
            failing = replace(reader, lambda_=Invoked(cloud, reader.id_, error="Unhandled"))
            assert replay(letters, failing, limit=None) == 1
            assert left(cloud, letters.url) == 1

    def test_messages_without_records_stay_and_the_solution_is_printed(
        self, cloud: Cloud, capsys: pytest.CaptureFixture[str]
    ):
        batch = {
            "streamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/test-payments/stream/2026",
            "batchSize": 3,
            "approximateArrivalOfFirstRecord": "2026-03-14T15:09:26Z",
        }
        reader, letters = readers(cloud)[0]
        put(letters, json.dumps({"DDBStreamBatchInfo": batch}), "{}", "[]", "4111111111111111")
        assert replay(letters, reader, limit=None) == 1
        assert left(cloud, letters.url) == 4
        output = capsys.readouterr().out
        assert "3 changes of test-payments from 2026-03-14T15:09:26Z have expired" in output
        assert output.count("not a stream record, ") == 3
        assert "purge-queue" in output
        assert "4111" not in output


def unable_to_read(*_: Any) -> NoReturn:
    raise KeyError("an attribute of the row")


def readers(cloud: Cloud) -> list[tuple[StreamFunction, DeadLetters]]:
    """The functions that read streams, and their dead letters."""
    urls = cloud.gateway.settings.stream_dead_letters
    return [
        (StreamFunction(Invoked(cloud, id_), Stage(STAGE), id_), DeadLetters(cloud.sqs, url))
        for id_, url in (("Relay", urls.relay), ("Recorder", urls.recorder))
    ]


@dataclass(frozen=True)
class Invoked:
    """Lambda with one function."""

    cloud: Cloud
    id_: str
    error: str | None = None

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName.endswith(self.id_.lower())
        handler = {"Relay": relay_changes, "Recorder": record_events}[self.id_]
        result = {} if self.error else handler(self.cloud.gateway, json.loads(Payload)["Records"])
        response = {"Payload": io.BytesIO(json.dumps(result).encode())}
        return response | ({"FunctionError": self.error} if self.error else {})


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
