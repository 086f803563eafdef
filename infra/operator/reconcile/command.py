"""The command line of `reconcile`."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.acquirers.base import AccountError
from chalicelib.acquirers.credentials import CredentialsError
from chalicelib.store.merchants import MerchantRow
from infra.arguments import Commands, add_command, add_stage
from infra.errors import InfraError
from infra.operator.acquirers import registration_of
from infra.operator.deployment import (
    DEFAULT_STAGE,
    Deployment,
    is_merchant,
    operator_errors,
    sentence,
)
from infra.operator.logs import warnings_on_stderr
from infra.operator.reconcile.comparison import DAY, DayOfMerchant
from infra.operator.reconcile.differences import Comparison

_DIFFERENT, _FAILED = 1, 2  # exit statuses


@dataclass(frozen=True, kw_only=True)
class _Merchant:
    id: str
    name: str


def add_commands(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "reconcile",
        reconcile,
        "compare the charges of an acquirer with the payments of one day; the exit status is 1 for "
        "differences and 2 for errors",
    )
    add_stage(parser, default=DEFAULT_STAGE)
    parser.set_defaults(error_status=_FAILED)
    parser.add_argument("--acquirer", required=True, metavar="NAME", help="the acquirer")
    parser.add_argument("--day", required=True, type=_day, metavar="YYYY-MM-DD", help="the day, in UTC")
    parser.add_argument(
        "--merchant",
        metavar="ID|EMAIL",
        help="a merchant (default: all that use the acquirer or have credentials at it)",
    )
    parser.add_argument(
        "--ignore-others",
        action="store_true",
        help="ignore charges that this gateway did not request, if other systems use the account, too",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def reconcile(arguments: argparse.Namespace) -> int:
    """Compare one day of one merchant or of all, and print the differences. Changes nothing."""
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchants = _merchants(deployment, arguments)
    if not arguments.json:
        print(f"Charges of {arguments.acquirer} and payments of {arguments.day:%Y-%m-%d} (UTC)", flush=True)
    compared: list[dict[str, Any]] = []
    is_failed = False
    for merchant in merchants:
        try:
            with warnings_on_stderr():
                comparison = _compare(deployment, merchant.id, arguments)
        except (AccountError, CredentialsError) as error:
            is_failed = True
            print(f"{merchant.name} ({merchant.id}): {sentence(error)}", file=sys.stderr)
            continue
        compared.append({**asdict(merchant), **asdict(comparison)})
        if not arguments.json:
            _print(merchant, comparison)
    if arguments.json:
        day = f"{arguments.day:%Y-%m-%d}"
        print(json.dumps({"acquirer": arguments.acquirer, "day": day, "merchants": compared}, indent=2))
    if is_failed:
        return _FAILED
    return _DIFFERENT if any(one["differences"] for one in compared) else 0


def _compare(deployment: Deployment, merchant_id: str, arguments: argparse.Namespace) -> Comparison:
    return DayOfMerchant(
        payments=deployment.gateway.payments.payments,
        acquirer=deployment.gateway.acquirers.of(arguments.acquirer, merchant_id),
        merchant_id=merchant_id,
        since=arguments.day,
        ignores_others=arguments.ignore_others,
    ).compare()


def _print(merchant: _Merchant, comparison: Comparison) -> None:
    print(f"\n{merchant.name} ({merchant.id}): {comparison}", flush=True)
    for difference in sorted(comparison.differences, key=lambda one: one.kind):
        print(f"  {difference}")


def _merchants(deployment: Deployment, arguments: argparse.Namespace) -> list[_Merchant]:
    """The merchants to compare, by name. Raises InfraError if the command cannot work."""
    acquirers, name = deployment.gateway.acquirers, arguments.acquirer
    registration_of(acquirers, name)
    if not acquirers.of(name, None).capabilities.lists_charges:
        raise InfraError(f"The acquirer {name} does not list its charges, so they cannot be reconciled.")
    if arguments.day + DAY > deployment.gateway.clock():
        raise InfraError(f"The day {arguments.day:%Y-%m-%d} (UTC) is not over.")
    if arguments.merchant:
        merchant = deployment.merchant(deployment.gateway.onboarding.id_of(arguments.merchant))
        return [_Merchant(id=merchant.id, name=merchant.name)]
    found = sorted(_users(deployment, name), key=lambda one: (one.name, one.id))
    if not found:
        raise InfraError(f"No merchant uses the acquirer {name}.")
    return found


def _users(deployment: Deployment, acquirer: str) -> Iterator[_Merchant]:
    """The merchants that use the acquirer now, or used it: they still have credentials."""
    known = deployment.gateway.acquirers.credentials.merchant_ids(acquirer)
    for item in deployment.scan(MerchantRow):
        if not is_merchant(item):
            continue
        row = MerchantRow.from_raw_data(item)
        used = row.acquirers.attribute_values.values() if row.acquirers else ()
        if row.id in known or acquirer in used:
            yield _Merchant(id=row.id, name=row.name)


def _day(text: str) -> datetime:
    """The start of the day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day: use YYYY-MM-DD") from None
