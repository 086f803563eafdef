"""`merchant`: take merchants in, roll their secrets, let them go."""

import argparse
import secrets

from chalicelib.services.onboarding import OnboardingError, OnboardingService
from chalicelib.store.tables import MerchantRow
from infra.commands.deployment import DEFAULT_STAGE, Deployment
from infra.commands.parsing import Command, Commands, a_duration, add_command, add_stage
from infra.errors import InfraError

_PASSWORD_BYTES = 15  # 120 bits, 20 characters
_OVERLAP = "24h"


def add_commands(commands: Commands) -> None:
    """Declare them."""
    merchant = commands.add_parser("merchant", help="create, list, roll or deactivate merchants")
    actions = merchant.add_subparsers(required=True, metavar="action")
    create = _add(actions, "create", create_merchant, "take a merchant in, and print its credentials once")
    create.add_argument("--name", required=True)
    create.add_argument("--email", required=True, help="what it signs in to the dashboard with")
    create.add_argument("--password", help="for the dashboard; one is made and printed when it is left out")
    roll = _add(actions, "roll", roll_secret, "give a merchant a new API secret")
    roll.add_argument("id")
    roll.add_argument(
        "--overlap",
        type=a_duration,
        default=a_duration(_OVERLAP),
        help=f"how long the old secret goes on, such as 30m or 2d (default: {_OVERLAP}); 0 if it leaked",
    )
    _add(actions, "deactivate", deactivate_merchant, "let a merchant in no more").add_argument("id")
    _add(actions, "list", list_merchants, "show every merchant")


def _add(actions: Commands, name: str, command: Command, help_: str) -> argparse.ArgumentParser:
    return add_stage(add_command(actions, name, command, help_), default=DEFAULT_STAGE)


def create_merchant(arguments: argparse.Namespace) -> int:
    """Take one in."""
    password = arguments.password or secrets.token_urlsafe(_PASSWORD_BYTES)
    try:
        made = _onboarding(arguments).create(name=arguments.name, email=arguments.email, password=password)
    except OnboardingError as error:
        raise _told(error) from error
    merchant = made.merchant
    _show(
        Merchant=f"{merchant.name}, {merchant.email}",
        Id=merchant.id,
        API_key=merchant.api_key,
        API_secret=made.api_secret,
        Webhook_secret=merchant.webhook.secret,
        Password=password if arguments.password is None else "as given",
    )
    print("\nThe API secret and the password are kept as hashes only: this is the one time they are shown.")
    return 0


def roll_secret(arguments: argparse.Namespace) -> int:
    """Give one a new secret."""
    try:
        made = _onboarding(arguments).roll_api_secret(arguments.id, overlap=arguments.overlap)
    except OnboardingError as error:
        raise _told(error) from error
    merchant = made.merchant
    until = merchant.previous_api_secret_until
    _show(Merchant=f"{merchant.name}, {merchant.email}", API_key=merchant.api_key, API_secret=made.api_secret)
    print(f"\nThe secret before is accepted until {until:%Y-%m-%d %H:%M:%S} UTC, by the API within a minute.")
    return 0


def deactivate_merchant(arguments: argparse.Namespace) -> int:
    """Let one in no more."""
    try:
        merchant = _onboarding(arguments).deactivate(arguments.id)
    except OnboardingError as error:
        raise _told(error) from error
    print(f"{merchant.name} ({merchant.email}) is let in no more, within a minute.")
    print("What was begun goes on: payments settle, webhooks are delivered.")
    return 0


def list_merchants(arguments: argparse.Namespace) -> int:
    """Show all of them, the oldest first."""
    deployment = Deployment.reach(arguments.stage)
    rows = [MerchantRow.from_raw_data(item) for item in deployment.scan(MerchantRow)]
    for row in sorted(rows, key=lambda row: row.created_at):
        state = f"deactivated {row.deactivated_at:%Y-%m-%d}" if row.deactivated_at else "active"
        url = row.webhook_url or "no webhook URL"
        if row.webhook_disabled_at:
            url += f" (not called since {row.webhook_disabled_at:%Y-%m-%d}: it failed for days)"
        print(f"{row.id}  {row.created_at:%Y-%m-%d}  {state}  {row.api_key}  {row.name}, {row.email}  {url}")
    if not rows:
        print("There is no merchant.")
    return 0


def _onboarding(arguments: argparse.Namespace) -> OnboardingService:
    return Deployment.reach(arguments.stage).gateway.onboarding


def _told(error: OnboardingError) -> InfraError:
    text = str(error)
    return InfraError(f"{text[0].upper()}{text[1:]}.")


def _show(**lines: str) -> None:
    for name, value in lines.items():
        print(f"{name.replace('_', ' '):<16}{value}")
