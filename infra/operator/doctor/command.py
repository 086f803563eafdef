"""The command line of `doctor`."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import timedelta

from infra.arguments import Commands, add_command, add_stage, duration, non_negative_int
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.doctor.acquirer_comparison import MAX_QUESTIONS, AcquirerComparison
from infra.operator.doctor.counters import SETTLE_S
from infra.operator.doctor.drift import Drift
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.findings import NOTES, Finding, Kind
from infra.operator.doctor.lateness import GRACE, Lateness, queue_of
from infra.operator.doctor.queues import QueueState, read_queues, report_dead_letters
from infra.operator.doctor.row_counter import RowCounter
from infra.template.queues import JOB_QUEUES

_SHOWN = 20  # findings per kind


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(
        add_command(
            commands,
            "doctor",
            doctor,
            "check all rows and queues; the exit status is 1 if problems remain",
        ),
        default=DEFAULT_STAGE,
    )
    parser.add_argument(
        "--repair", action="store_true", help="send the jobs of overdue rows again (default: change nothing)"
    )
    parser.add_argument(
        "--late-after",
        type=duration,
        metavar="DURATION",
        help="delay after which a job counts as lost, such as 10m "
        f"(default: {GRACE.seconds} s plus the queue's visibility timeout)",
    )
    parser.add_argument(
        "--acquirer-checks",
        type=non_negative_int,
        default=MAX_QUESTIONS,
        metavar="N",
        help="ask the acquirers for the status of at most N open payments and refunds, the oldest first "
        f"(default: {MAX_QUESTIONS}; 0: none)",
    )
    parser.add_argument(
        "--deployment",
        action="store_true",
        help="compare the deployed resources with the template instead; takes up to three minutes on AWS",
    )
    parser.add_argument(
        "--all", action="store_true", help=f"show all findings (default: {_SHOWN} of each kind)"
    )


def doctor(arguments: argparse.Namespace) -> int:
    """Examine a stage, print the findings and repair on request."""
    deployment = Deployment.load(arguments.stage)
    if arguments.deployment:
        return _examine_resources(deployment)
    print(f"Queues and rows of {deployment.stage.stack_name}:", flush=True)
    findings = examine(deployment, late_after=arguments.late_after, acquirer_checks=arguments.acquirer_checks)
    print_findings(findings, shown=None if arguments.all else _SHOWN)
    repaired = repair(deployment, findings) if arguments.repair else 0
    problems = sum(finding.kind not in NOTES for finding in findings)
    return 1 if problems > repaired else 0


def _examine_resources(deployment: Deployment) -> int:
    findings: list[Finding] = []
    print(f"Resources of {deployment.stage.stack_name}: comparing them with the template", flush=True)
    print(Drift(stage=deployment.stage, aws=deployment.aws, report=findings.append).check())
    print_findings(findings, shown=None)
    return 1 if findings else 0


def examine(
    deployment: Deployment,
    *,
    late_after: timedelta | None = None,
    acquirer_checks: int = MAX_QUESTIONS,
    settle_s: float = SETTLE_S,
    counter: RowCounter | None = None,
) -> list[Finding]:
    """Return the findings. Changes nothing."""
    findings: list[Finding] = []
    counter, now = counter or RowCounter(), deployment.gateway.clock()
    queues = read_queues(deployment)
    for queue in queues.values():
        print(queue)
    report_dead_letters(deployment, findings.append)
    lateness = Lateness(now=now, max_delays=_max_delays(queues, late_after), report=findings.append)
    comparison = AcquirerComparison(
        gateway=deployment.gateway,
        now=now,
        limit=acquirer_checks,
        counter=counter,
        report=findings.append,
    )
    Examination(
        deployment=deployment,
        lateness=lateness,
        comparison=comparison,
        counter=counter,
        report=findings.append,
        settle_s=settle_s,
    ).run()
    if acquirer_checks:
        print(comparison.summary())
    return findings


def print_findings(findings: Sequence[Finding], *, shown: int | None) -> None:
    """Print the findings by kind, at most ``shown`` of each."""
    if not any(finding.kind not in NOTES for finding in findings):
        print("\nNo problems found.")
    for kind in Kind:
        of_kind = [finding for finding in findings if finding.kind is kind]
        if not of_kind:
            continue
        print(f"\n{len(of_kind):,} {kind}")
        for finding in of_kind[:shown]:
            print(f"  {finding.subject}  {finding.message}")
        if shown is not None and len(of_kind) > shown:
            print(f"  and {len(of_kind) - shown:,} more (show all with --all)")


def repair(deployment: Deployment, findings: Sequence[Finding]) -> int:
    """Send the jobs of overdue rows again and return their number. Duplicate jobs have no effect."""
    jobs = [finding.job for finding in findings if finding.job]
    for name in JOB_QUEUES:
        getattr(deployment.gateway.queues, name).send([job for job in jobs if queue_of(job) == name])
    if jobs:
        print(f"\nJobs sent again: {len(jobs):,}. Run `doctor` again in a few minutes to check the result.")
    return len(jobs)


def _max_delays(queues: Mapping[str, QueueState], late_after: timedelta | None) -> dict[str, timedelta]:
    """The allowed delay of a job by queue. A worker can hide its message for the visibility timeout."""
    return {
        name: GRACE + timedelta(seconds=queue.visibility_s) if late_after is None else late_after
        for name, queue in queues.items()
    }
