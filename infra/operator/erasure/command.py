"""The command line of `erase-buyer`."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.payment import Payment
from chalicelib.store.payments import PaymentRow, payment_from_row
from infra.arguments import Commands, add_command, add_stage
from infra.errors import InfraError
from infra.operator.deployment import DEFAULT_STAGE, Deployment
from infra.operator.erasure.erasure import Erasure, is_open


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_stage(
        add_command(
            commands,
            "erase-buyer",
            erase_buyer,
            "remove a buyer's personal data from payments; amounts, times and statuses are kept; the exit "
            "status is 1 if a payment is still open",
        ),
        default=DEFAULT_STAGE,
    )
    buyer = parser.add_mutually_exclusive_group(required=True)
    buyer.add_argument("--vpa", help="the UPI address of the buyer, at all merchants; reads all payments")
    buyer.add_argument("--payment", nargs="+", metavar="pay_…", help="payments of the buyer")
    parser.add_argument("--dry-run", action="store_true", help="only list the payments")


def erase_buyer(arguments: argparse.Namespace) -> int:
    """Erase the buyer from the payments that are not open. The status is 1 if one is open."""
    deployment = Deployment.load(arguments.stage)
    payments = list(_payments(deployment, arguments))
    erasure, open_ = Erasure(deployment), 0
    for payment in payments:
        if is_open(payment):
            open_ += 1
            print(f"{payment.id}: not erased, because the payment is still open", file=sys.stderr)
        elif arguments.dry_run:
            print(f"{payment.id}: would be erased ({payment.money}, {payment.created_at:%Y-%m-%d})")
        else:
            erasure.erase(payment)
            deployment.audit(AuditAction.ERASE_BUYER, payment.merchant_id, payment_id=payment.id)
            print(f"{payment.id}: erased", flush=True)
    if not payments:
        print("No payment of this buyer was found.")
    return 1 if open_ else 0


def _payments(deployment: Deployment, arguments: argparse.Namespace) -> Iterator[Payment]:
    """The payments of the arguments. Raises InfraError if one does not exist."""
    if arguments.vpa:
        table: Any = deployment.table(PaymentRow)
        rows = table.scan(table.vpa == arguments.vpa, consistent_read=True)
        yield from (payment_from_row(row) for row in rows)
        return
    for id_ in arguments.payment:
        payment = deployment.gateway.payments.payments.get(id_)
        if payment is None:
            raise InfraError(f"Payment {id_} does not exist in the stage {deployment.stage.name}.")
        yield payment
