"""The state of the queues: waiting messages, messages in flight, and dead letters."""

from dataclasses import dataclass
from typing import Any

from infra.operator.deployment import Deployment
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.operator.redrive.command import STREAM_READERS, dead_letters
from infra.template.queues import JOB_QUEUES

_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
_IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"
_VISIBILITY = "VisibilityTimeout"


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """The approximate metrics of a queue."""

    name: str
    waiting: int
    in_flight: int
    visibility_s: int

    def __str__(self) -> str:
        return f"  {self.name:<14}{self.waiting:>10,} waiting, {self.in_flight:,} in flight"


def read_queues(deployment: Deployment) -> dict[str, QueueState]:
    """The state of each job queue."""
    sqs = deployment.aws.client("sqs")
    urls = {name: getattr(deployment.settings.queues, name).jobs for name in JOB_QUEUES}
    return {name: _state(name, url, sqs) for name, url in urls.items()}


def report_dead_letters(deployment: Deployment, report: Report) -> None:
    """Report dead-letter queues that are not empty."""
    for name in [*JOB_QUEUES, *STREAM_READERS]:
        if count := dead_letters(deployment, name).count():
            message = f"{count} messages (show them with `redrive {name} --dry-run`)"
            report(Finding(kind=Kind.DEAD_LETTERS, subject=name, message=message))


def _state(name: str, url: str, sqs: Any) -> QueueState:
    names = [*_WAITING, _IN_FLIGHT, _VISIBILITY]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return QueueState(
        name=name,
        waiting=sum(int(attributes[each]) for each in _WAITING),
        in_flight=int(attributes[_IN_FLIGHT]),
        visibility_s=int(attributes[_VISIBILITY]),
    )
