"""The command line of `doctor`."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import timedelta

from infra.arguments import Commands, add_command, add_stage, duration
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.doctor.counters import SETTLE_S
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.findings import NOTES, Finding, Kind
from infra.operator.doctor.lateness import GRACE, Lateness, queue_of
from infra.operator.doctor.queues import QueueState, read_queues, report_dead_letters
from infra.operator.doctor.row_counter import RowCounter
from infra.template.queues import JOB_QUEUES

_SHOWN = 20  # of a kind


def add_commands(commands: Commands) -> None:
    """Declare it."""
    parser = add_stage(
        add_command(
            commands,
            "doctor",
            doctor,
            "read every row and say what is wrong; exit status 1 when something is and was not repaired",
        ),
        default=DEFAULT_STAGE,
    )
    parser.add_argument("--repair", action="store_true", help="send the jobs of overdue rows again")
    parser.add_argument(
        "--late-after",
        type=duration,
        metavar="TIME",
        help=f"how late counts as lost, such as 10m (default: {GRACE.seconds} s and the queue's visibility)",
    )
    parser.add_argument("--all", action="store_true", help=f"show more than {_SHOWN} findings of a kind")


def doctor(arguments: argparse.Namespace) -> int:
    """Examine a stage, and repair what can be."""
    deployment = Deployment.reach(arguments.stage)
    print(f"The queues and rows of {deployment.stage.stack_name}:", flush=True)
    findings = examine(deployment, late_after=arguments.late_after)
    tell(findings, shown=None if arguments.all else _SHOWN)
    repaired = repair(deployment, findings) if arguments.repair else 0
    faults = sum(finding.kind not in NOTES for finding in findings)
    return 1 if faults > repaired else 0


def examine(
    deployment: Deployment,
    *,
    late_after: timedelta | None = None,
    settle_s: float = SETTLE_S,
    counter: RowCounter | None = None,
) -> list[Finding]:
    """All that is wrong with the deployment. Changes nothing."""
    findings: list[Finding] = []
    queues = read_queues(deployment)
    for queue in queues.values():
        print(queue)
    report_dead_letters(deployment, findings.append)
    lateness = Lateness(
        now=deployment.gateway.clock(), patience=_patience(queues, late_after), report=findings.append
    )
    Examination(
        deployment=deployment,
        lateness=lateness,
        counter=counter or RowCounter(),
        report=findings.append,
        settle_s=settle_s,
    ).run()
    return findings


def tell(findings: Sequence[Finding], *, shown: int | None) -> None:
    """Print the findings by kind."""
    if not any(finding.kind not in NOTES for finding in findings):
        print("\nNothing is wrong.")
    for kind in Kind:
        of_kind = [finding for finding in findings if finding.kind is kind]
        if not of_kind:
            continue
        print(f"\n{len(of_kind):,} {kind}")
        for finding in of_kind[:shown]:
            print(f"  {finding.subject}  {finding.says}")
        if shown is not None and len(of_kind) > shown:
            print(f"  and {len(of_kind) - shown:,} more; --all shows them")


def repair(deployment: Deployment, findings: Sequence[Finding]) -> int:
    """Send the jobs of overdue rows again; how many. One that was on its way after all does nothing."""
    jobs = [finding.job for finding in findings if finding.job]
    for name in JOB_QUEUES:
        getattr(deployment.gateway.queues, name).send([job for job in jobs if queue_of(job) == name])
    if jobs:
        print(f"\nJobs sent again: {len(jobs):,}. In some minutes `doctor` says whether that was all.")
    return len(jobs)


def _patience(queues: Mapping[str, QueueState], late_after: timedelta | None) -> dict[str, timedelta]:
    """For each queue, how late a job may be: a worker may hold its message unseen for so long."""
    return {
        name: GRACE + timedelta(seconds=queue.visibility_s) if late_after is None else late_after
        for name, queue in queues.items()
    }
