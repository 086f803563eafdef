"""The command `merchant acquirer`: the acquirers of a merchant, and its credentials at them."""

import argparse
import sys
from datetime import datetime

from chalicelib.acquirers.base import AccountError
from chalicelib.acquirers.credentials import (
    OVERLAP,
    Credentials,
    CredentialsError,
    overlap_end,
    parse_credentials,
    with_overlaps,
)
from chalicelib.acquirers.registry import Acquirers, Registration
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.merchant import Merchant
from infra.arguments import Command, Commands, add_command, add_merchant, add_stage
from infra.errors import InfraError
from infra.operator.deployment import DEFAULT_STAGE, Deployment, operator_errors, sentence
from infra.operator.logs import warnings_on_stderr
from infra.template import encryption

_STANDARD_INPUT = "-"
_NO_METHOD = "-"


def add_commands(actions: Commands) -> None:
    """Add the commands to those of merchants."""
    acquirer = actions.add_parser(
        "acquirer",
        help="set, show or test the acquirers of a merchant",
        description="Set, show or test the acquirers of a merchant.",
    )
    commands = acquirer.add_subparsers(required=True, metavar="action")
    change = _add(commands, "set", set_acquirer, "set the acquirer of a payment method, or its credentials")
    change.add_argument(
        "--method", choices=[*PaymentMethod], help="the payment method (default: only store credentials)"
    )
    change.add_argument("--acquirer", required=True, metavar="NAME", help="the acquirer, such as simulated")
    change.add_argument(
        "--credentials",
        choices=[_STANDARD_INPUT],
        help="read all credentials of the merchant at the acquirer from standard input, as a JSON object of "
        "strings, and store them in SSM Parameter Store. A replaced secret of notifications stays valid for "
        f"{_hours()} hours",
    )
    _add(
        commands, "show", show_acquirers, "show the acquirers of a merchant, and the names of the credentials"
    )
    test = _add(
        commands, "test", test_acquirers, "ask the acquirers of a merchant whether they serve its account"
    )
    test.add_argument(
        "--acquirer", metavar="NAME", help="the acquirer (default: each one that the merchant uses)"
    )


def _add(commands: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    return add_merchant(add_stage(add_command(commands, name, command, help_), default=DEFAULT_STAGE))


def set_acquirer(arguments: argparse.Namespace) -> int:
    """Set the acquirer of a payment method, its credentials, or both."""
    if not arguments.method and not arguments.credentials:
        raise InfraError("Specify the method with --method, or pass credentials with --credentials -.")
    lines = []
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchant, acquirers = _merchant(deployment, arguments), deployment.gateway.acquirers
        name = arguments.acquirer
        registration = registration_of(acquirers, name)
        if arguments.method and arguments.method not in acquirers.of(name, merchant.id).capabilities.methods:
            raise InfraError(f"The acquirer {name} does not support the method {arguments.method}.")
        if arguments.credentials:
            lines += _store(deployment, merchant, name)
            deployment.audit(AuditAction.STORE_CREDENTIALS, merchant.id, acquirer=name)
        _require(registration, _known(acquirers, merchant, name), name)
        if arguments.method:
            deployment.gateway.onboarding.set_acquirer(merchant.id, PaymentMethod(arguments.method), name)
            deployment.audit(AuditAction.SET_ACQUIRER, merchant.id, acquirer=name, method=arguments.method)
            uses = f"{merchant.name} uses the acquirer {name} for {arguments.method}."
            lines.insert(0, f"{uses} This takes effect within one minute.")
    print("\n".join(lines))
    return 0


def show_acquirers(arguments: argparse.Namespace) -> int:
    """Show the acquirer of each method, and other acquirers with credentials of the merchant.

    Prints the names of the credentials, never their values.
    """
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchant, acquirers = _merchant(deployment, arguments), deployment.gateway.acquirers
    used = {method.value: merchant.acquirer_of(method) for method in PaymentMethod}
    print(f"{'Method':<10}{'Acquirer':<20}Credentials")
    for method, name in used.items():
        known = _known(acquirers, merchant, name)
        print(f"{method:<10}{name:<20}{_described(known, deployment.gateway.clock()) or 'none'}")
    for name in sorted(acquirers.registered.keys() - used.values()):
        if known := _known(acquirers, merchant, name):
            print(f"{_NO_METHOD:<10}{name:<20}{_described(known, deployment.gateway.clock())}")
    return 0


def test_acquirers(arguments: argparse.Namespace) -> int:
    """Ask each acquirer of the merchant, or the given one, about the merchant's account."""
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchant, acquirers = _merchant(deployment, arguments), deployment.gateway.acquirers
    used = {merchant.acquirer_of(method) for method in PaymentMethod}
    names = [arguments.acquirer] if arguments.acquirer else sorted(used)
    results = [_is_ready(acquirers, merchant, name) for name in names]
    return 0 if all(results) else 1


def registration_of(acquirers: Acquirers, name: str) -> Registration:
    """The registration. Raises InfraError with the names of those that exist."""
    try:
        return acquirers.registered[name]
    except KeyError as error:
        names = ", ".join(sorted(acquirers.registered))
        raise InfraError(f"The acquirer {name} does not exist. Use one of: {names}.") from error


def _is_ready(acquirers: Acquirers, merchant: Merchant, name: str) -> bool:
    """Print what the acquirer confirms, or why it does not."""
    try:
        registration_of(acquirers, name)
        with warnings_on_stderr():
            confirmed = acquirers.of(name, merchant.id).check_account()
    except (InfraError, AccountError, CredentialsError) as error:
        print(f"{name}: {sentence(error)}", file=sys.stderr)
        return False
    print(f"{name}: {confirmed}")
    return True


def _store(deployment: Deployment, merchant: Merchant, name: str) -> list[str]:
    """Store the credentials in standard input, with the key of the stage. Returns the lines to print."""
    acquirers = deployment.gateway.acquirers
    store, registration = acquirers.credentials, acquirers.registered[name]
    new, stored = _read(registration, name), _known(acquirers, merchant, name)
    kept = with_overlaps(new, stored, registration.overlapping, store.clock())
    store.put(merchant.id, name, kept, key=deployment.outputs.get(encryption.OUTPUT))
    ends = {secret: overlap_end(kept, secret, store.clock()) for secret in sorted(registration.overlapping)}
    return [
        "The credentials are stored. Replaced ones take effect within 5 minutes.",
        *(
            f"Notifications with the previous {secret} are accepted until {_minute(end)}."
            for secret, end in ends.items()
            if end
        ),
    ]


def _merchant(deployment: Deployment, arguments: argparse.Namespace) -> Merchant:
    return deployment.merchant(deployment.gateway.onboarding.id_of(arguments.merchant))


def _read(registration: Registration, acquirer: str) -> Credentials:
    """The credentials in standard input. Errors contain no values."""
    credentials = parse_credentials(sys.stdin.read())
    if not credentials:
        raise InfraError("Standard input must be a JSON object of strings that are not empty.")
    _require(registration, credentials, acquirer)
    if unknown := credentials.keys() - registration.required - registration.optional:
        raise InfraError(f"The acquirer {acquirer} has no credential {', '.join(sorted(unknown))}.")
    return credentials


def _require(registration: Registration, credentials: Credentials, acquirer: str) -> None:
    if missing := registration.required - credentials.keys():
        raise InfraError(
            f"The acquirer {acquirer} needs the credentials {', '.join(sorted(missing))}. "
            "Pass all credentials as JSON in standard input, with --credentials -."
        )


def _known(acquirers: Acquirers, merchant: Merchant, name: str) -> Credentials:
    """The stored credentials; none if there are none."""
    try:
        return acquirers.credentials.get(merchant.id, name)
    except CredentialsError:
        return {}


def _described(credentials: Credentials, now: datetime) -> str:
    """The names of the credentials, with the ends of their overlaps."""
    kept = {name for name in credentials if name.startswith("previous_")}
    return ", ".join(_with_overlap(credentials, name, now) for name in sorted(credentials.keys() - kept))


def _with_overlap(credentials: Credentials, name: str, now: datetime) -> str:
    end = overlap_end(credentials, name, now)
    return f"{name} (previous one until {_minute(end)})" if end else name


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _hours() -> int:
    return round(OVERLAP.total_seconds() / 3600)
