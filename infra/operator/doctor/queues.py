"""The queues as they stand: what waits, what is in hand, what was set aside."""

from dataclasses import dataclass
from typing import Any

from infra.operator.deployment import Deployment
from infra.operator.doctor.findings import Finding, Kind, Report
from infra.operator.redrive.command import RELAY, dead_letters
from infra.template.queues import JOB_QUEUES

_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
_IN_HAND = "ApproximateNumberOfMessagesNotVisible"
_VISIBILITY = "VisibilityTimeout"


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """One queue's figures, which are approximate by a moment."""

    name: str
    waiting: int
    in_hand: int
    visibility_s: int

    def __str__(self) -> str:
        return f"  {self.name:<14}{self.waiting:>10,} waiting, {self.in_hand:,} in hand"


def read_queues(deployment: Deployment) -> dict[str, QueueState]:
    """The state of every queue of jobs."""
    sqs = deployment.aws.client("sqs")
    urls = {name: getattr(deployment.settings.queues, name).jobs for name in JOB_QUEUES}
    return {name: _state(name, url, sqs) for name, url in urls.items()}


def report_dead_letters(deployment: Deployment, report: Report) -> None:
    """Dead-letter queues that are not empty."""
    for name in [*JOB_QUEUES, RELAY]:
        if count := dead_letters(deployment, name).count():
            says = f"{count} messages; `redrive {name} --dry-run` shows them"
            report(Finding(kind=Kind.DEAD_LETTERS, subject=name, says=says))


def _state(name: str, url: str, sqs: Any) -> QueueState:
    names = [*_WAITING, _IN_HAND, _VISIBILITY]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return QueueState(
        name=name,
        waiting=sum(int(answer[each]) for each in _WAITING),
        in_hand=int(answer[_IN_HAND]),
        visibility_s=int(answer[_VISIBILITY]),
    )
