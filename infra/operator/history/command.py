"""The command line of `logs`."""

import argparse
from datetime import timedelta

from infra.arguments import Commands, add_command, add_stage
from infra.errors import InfraError
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.history.entries import Entry
from infra.operator.history.log_lines import MAX_LINES, FunctionLogs
from infra.operator.history.rows import PaymentRows

BEFORE = timedelta(minutes=1)  # the request that created the payment began before its row was written


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "logs",
        show,
        "show the history of one payment: its rows, and the lines of the functions' logs about it",
    )
    add_stage(parser, default=DEFAULT_STAGE)
    parser.add_argument("--payment", required=True, metavar="pay_…", help="the id of the payment")
    parser.add_argument("--rows-only", action="store_true", help="do not search the logs of the functions")


def show(arguments: argparse.Namespace) -> int:
    """Print the history of a payment, oldest first. Raises InfraError if it does not exist."""
    deployment = Deployment.load(arguments.stage)
    payment = deployment.gateway.payments.payments.get(arguments.payment)
    if payment is None:
        raise InfraError(f"Payment {arguments.payment} does not exist in the stage {deployment.stage.name}.")
    rows = PaymentRows.read(deployment.gateway, payment)
    lines = [] if arguments.rows_only else _lines(deployment, rows)
    facts = list(rows.entries())
    print(f"{payment.id}: {payment.money}, {payment.status}, merchant {payment.merchant_id}\n")
    for entry in sorted([*facts, *lines], key=lambda entry: entry.at):
        print(entry)
    print(f"\n{len(facts)} times in rows, {len(lines)} log lines.", end=" ")
    print("There are more log lines." if len(lines) == MAX_LINES else "")
    return 0


def _lines(deployment: Deployment, rows: PaymentRows) -> list[Entry]:
    logs = FunctionLogs(deployment.stage, deployment.aws)
    return logs.entries(rows.ids, since=rows.payment.created_at - BEFORE, until=deployment.gateway.clock())
