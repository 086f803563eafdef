"""The command `merchant acquirer`: which acquirer serves which payment method of a merchant."""

import argparse
import sys

from chalicelib.acquirers.credentials import Credentials, CredentialsError, parse_credentials
from chalicelib.acquirers.registry import Acquirers, Registration, UnknownAcquirerError
from chalicelib.domain.instrument import PaymentMethod
from chalicelib.domain.merchant import Merchant
from infra.arguments import Command, Commands, add_command, add_merchant, add_stage
from infra.errors import InfraError
from infra.operator.deployment import DEFAULT_STAGE, Deployment, operator_errors

_STANDARD_INPUT = "-"


def add_commands(actions: Commands) -> None:
    """Add the commands to those of merchants."""
    acquirer = actions.add_parser(
        "acquirer",
        help="set or show the acquirers of a merchant",
        description="Set or show the acquirers of a merchant.",
    )
    commands = acquirer.add_subparsers(required=True, metavar="action")
    change = _add(commands, "set", set_acquirer, "set the acquirer of a payment method")
    change.add_argument("--method", required=True, choices=[*PaymentMethod], help="the payment method")
    change.add_argument("--acquirer", required=True, metavar="NAME", help="the acquirer, such as simulated")
    change.add_argument(
        "--credentials",
        choices=[_STANDARD_INPUT],
        help="read all credentials of the merchant at the acquirer from standard input, as a JSON object of "
        "strings, and store them in SSM Parameter Store",
    )
    _add(
        commands, "show", show_acquirers, "show the acquirers of a merchant, and the names of the credentials"
    )


def _add(commands: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    return add_merchant(add_stage(add_command(commands, name, command, help_), default=DEFAULT_STAGE))


def set_acquirer(arguments: argparse.Namespace) -> int:
    """Set the acquirer of a payment method."""
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchant, acquirers = _merchant(deployment, arguments), deployment.gateway.acquirers
        method, name = PaymentMethod(arguments.method), arguments.acquirer
        registration = _registration(acquirers, name)
        if method not in acquirers.of(name, merchant.id).capabilities.methods:
            raise InfraError(f"The acquirer {name} does not support the method {method}.")
        if arguments.credentials:
            acquirers.credentials.put(merchant.id, name, _read(registration, name))
        _require(registration, _known(acquirers, merchant, name), name)
        deployment.gateway.onboarding.set_acquirer(merchant.id, method, name)
    print(f"{merchant.name} uses the acquirer {name} for {method}. This takes effect within one minute.")
    if arguments.credentials:
        print("The credentials are stored. Replaced ones take effect within 5 minutes.")
    return 0


def show_acquirers(arguments: argparse.Namespace) -> int:
    """Show the acquirer of each method. Prints the names of the credentials, never their values."""
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        merchant, acquirers = _merchant(deployment, arguments), deployment.gateway.acquirers
    print(f"{'Method':<10}{'Acquirer':<20}Credentials")
    for method in PaymentMethod:
        name = merchant.acquirer_of(method)
        names = ", ".join(sorted(_known(acquirers, merchant, name))) or "none"
        print(f"{method:<10}{name:<20}{names}")
    return 0


def _merchant(deployment: Deployment, arguments: argparse.Namespace) -> Merchant:
    return deployment.merchant(deployment.gateway.onboarding.id_of(arguments.merchant))


def _registration(acquirers: Acquirers, name: str) -> Registration:
    try:
        return acquirers.registration(name)
    except UnknownAcquirerError as error:
        names = ", ".join(sorted(acquirers.registered))
        raise InfraError(f"The acquirer {name} does not exist. Use one of: {names}.") from error


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
