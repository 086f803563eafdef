"""The command `merchant`: create and manage merchants and their credentials."""

import argparse
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.merchant import Merchant
from chalicelib.services.onboarding import OnboardingService
from chalicelib.store.merchants import MerchantRow
from infra.arguments import Command, Commands, add_command, add_merchant, add_stage, duration
from infra.operator import acquirers
from infra.operator.deployment import DEFAULT_STAGE, Deployment, is_merchant, operator_errors

_PASSWORD_BYTES = 15  # 120 bits, 20 characters
_OVERLAP = "24h"


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    merchant = commands.add_parser(
        "merchant", help="create and manage merchants", description="Create and manage merchants."
    )
    actions = merchant.add_subparsers(required=True, metavar="action")
    create = _add(actions, "create", create_merchant, "create a merchant and print its credentials once")
    create.add_argument("--name", required=True, help="the merchant's name")
    create.add_argument("--email", required=True, help="email address for the dashboard sign-in")
    create.add_argument("--password", help="dashboard password (default: generated and printed)")
    roll = _add(actions, "roll", roll_secret, "replace a merchant's API secret and print the new one once")
    add_merchant(roll)
    roll.add_argument(
        "--overlap",
        type=duration,
        default=duration(_OVERLAP),
        help=f"how long the old secret stays valid, such as 30m or 2d (default: {_OVERLAP}); "
        "use 0 if it leaked: all earlier secrets end",
    )
    roll.add_argument(
        "--replaces",
        metavar="FINGERPRINT",
        help="during an overlap: the secret that the merchant's servers do not use, and that ends now",
    )
    password = _add(
        actions, "password", set_password, "set a new dashboard password, print it once and end all sessions"
    )
    add_merchant(password)
    password.add_argument("--password", help="the new password (default: generated and printed)")
    for name, command, help_ in (
        ("sign-out", sign_out, "end all dashboard sessions of a merchant"),
        ("deactivate", deactivate_merchant, "deactivate a merchant"),
        ("reactivate", reactivate_merchant, "reactivate a deactivated merchant"),
    ):
        add_merchant(_add(actions, name, command, help_))
    _add(actions, "list", list_merchants, "list all merchants")
    acquirers.add_commands(actions)


def _add(actions: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    return add_stage(add_command(actions, name, command, help_), default=DEFAULT_STAGE)


def create_merchant(arguments: argparse.Namespace) -> int:
    """Create a merchant."""
    password = _password(arguments)
    with _deployment(arguments) as (deployment, onboarding):
        created = onboarding.create(name=arguments.name, email=arguments.email, password=password)
        deployment.audit(AuditAction.CREATE_MERCHANT, created.merchant.id)
    merchant = created.merchant
    _show(
        Merchant=f"{merchant.name}, {merchant.email}",
        Id=merchant.id,
        API_key=merchant.api_key,
        API_secret=created.api_secret,
        Webhook_secret=merchant.webhook.secret,
        Password=_shown(password, arguments),
    )
    print("\nThe API secret and the password are stored as hashes only and are not shown again.")
    if deployment.stage.is_production:
        print("Its payments are simulated until you set acquirers with `merchant acquirer set`.")
    return 0


def roll_secret(arguments: argparse.Namespace) -> int:
    """Replace a merchant's API secret."""
    with _deployment(arguments) as (deployment, onboarding):
        rolled = onboarding.roll_api_secret(
            onboarding.id_of(arguments.merchant), overlap=arguments.overlap, replaces=arguments.replaces
        )
        deployment.audit(AuditAction.ROLL_API_SECRET, rolled.merchant.id)
    merchant = rolled.merchant
    _show(
        Merchant=f"{merchant.name}, {merchant.email}", API_key=merchant.api_key, API_secret=rolled.api_secret
    )
    until = rolled.previous_until
    print(
        f"\nThe old secret is valid until {until:%Y-%m-%d %H:%M:%S} UTC."
        if until
        else "\nAll earlier secrets end."
    )
    print("Changes take effect within one minute. The new secret is not shown again.")
    return 0


def deactivate_merchant(arguments: argparse.Namespace) -> int:
    """Deactivate a merchant."""
    with _deployment(arguments) as (deployment, onboarding):
        merchant = onboarding.deactivate(onboarding.id_of(arguments.merchant))
        deployment.audit(AuditAction.DEACTIVATE_MERCHANT, merchant.id)
    print(f"{_name(merchant)} is deactivated. Sessions have ended; API keys stop working within one minute.")
    print("Pending payments are still processed, and their webhooks are delivered.")
    print("Undo this with `merchant reactivate`.")
    return 0


def reactivate_merchant(arguments: argparse.Namespace) -> int:
    """Reactivate a merchant."""
    with _deployment(arguments) as (deployment, onboarding):
        merchant = onboarding.reactivate(onboarding.id_of(arguments.merchant))
        deployment.audit(AuditAction.REACTIVATE_MERCHANT, merchant.id)
    print(f"{_name(merchant)} is active. API keys and the password work as before the deactivation.")
    return 0


def set_password(arguments: argparse.Namespace) -> int:
    """Set a new dashboard password for a merchant."""
    password = _password(arguments)
    with _deployment(arguments) as (deployment, onboarding):
        merchant = onboarding.set_password(onboarding.id_of(arguments.merchant), password)
        deployment.audit(AuditAction.CHANGE_PASSWORD, merchant.id)
    _show(Merchant=_name(merchant), Id=merchant.id, Password=_shown(password, arguments))
    print("\nThe old password no longer works and all sessions have ended.")
    print("The password is stored as a hash only and is not shown again.")
    return 0


def sign_out(arguments: argparse.Namespace) -> int:
    """End all dashboard sessions of a merchant."""
    with _deployment(arguments) as (deployment, onboarding):
        merchant = onboarding.end_sessions(onboarding.id_of(arguments.merchant))
        deployment.audit(AuditAction.END_SESSIONS, merchant.id)
    print(f"All dashboard sessions of {_name(merchant)} have ended.")
    print("The password still works. If it leaked, set a new one with `merchant password`.")
    return 0


def list_merchants(arguments: argparse.Namespace) -> int:
    """List all merchants, oldest first."""
    deployment = Deployment.load(arguments.stage)
    rows = [MerchantRow.from_raw_data(item) for item in deployment.scan(MerchantRow) if is_merchant(item)]
    for row in sorted(rows, key=lambda row: row.created_at):
        state = f"deactivated {row.deactivated_at:%Y-%m-%d}" if row.deactivated_at else "active"
        url = row.webhook_url or "no webhook URL"
        if row.webhook_disabled_at:
            url += f" (disabled on {row.webhook_disabled_at:%Y-%m-%d})"
        print(f"{row.id}  {row.created_at:%Y-%m-%d}  {state}  {row.api_key}  {row.name}, {row.email}  {url}")
    if not rows:
        print("There are no merchants. Create one with `merchant create`.")
    return 0


@contextmanager
def _deployment(arguments: argparse.Namespace) -> Iterator[tuple[Deployment, OnboardingService]]:
    with operator_errors():
        deployment = Deployment.load(arguments.stage)
        yield deployment, deployment.gateway.onboarding


def _password(arguments: argparse.Namespace) -> str:
    given: str | None = arguments.password
    return secrets.token_urlsafe(_PASSWORD_BYTES) if given is None else given


def _shown(password: str, arguments: argparse.Namespace) -> str:
    return password if arguments.password is None else "as provided"


def _name(merchant: Merchant) -> str:
    return f"{merchant.name} ({merchant.email})"


def _show(**lines: str) -> None:
    for name, value in lines.items():
        print(f"{name.replace('_', ' '):<16}{value}")
