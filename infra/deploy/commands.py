"""`package`, `deploy` and `destroy`: a stage as a whole."""

import argparse
import os
import sys

from infra.arguments import Commands, add_command, add_stage
from infra.aws import Aws
from infra.deploy.packaging import package
from infra.deploy.readiness import require_ready
from infra.deploy.site_upload import upload_sites
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.sites import CHECKOUT, SDK_VERSION, Addresses, integrity
from infra.stage import Stage


def add_commands(commands: Commands) -> None:
    """Declare them."""
    add_stage(add_command(commands, "package", _package, "make a stage's archives and template"))
    add_stage(
        add_command(commands, "deploy", _deploy, "create or update a stage's stack and upload its sites")
    )
    destroy = add_stage(
        add_command(
            commands, "destroy", _destroy, "delete a stage's stack with its data; production keeps its tables"
        )
    )
    destroy.add_argument("--yes", metavar="STAGE", help="the stage's name once more, instead of typing it")


def _package(arguments: argparse.Namespace) -> int:
    print(package(_stage(arguments)).folder / "sam.json")
    return 0


def _deploy(arguments: argparse.Namespace) -> int:
    stage, aws = _stage(arguments), Aws()
    require_ready(stage, aws)
    outputs = Stack(stage, aws).deploy(package(stage))
    addresses = Addresses.on_aws(outputs)
    upload_sites(outputs, addresses, aws)
    for name, value in sorted(outputs.items()):
        print(f"{name:<28}{value}")
    print(f"\nFor a shop's page:\n{_script_tag(addresses)}")
    return 0


def _script_tag(addresses: Addresses) -> str:
    """The SDK on a page, pinned by its hash."""
    source = f"{addresses.checkout_url}/checkout-{SDK_VERSION}.js"
    pinned = integrity((CHECKOUT.folder / "checkout.js").read_bytes())
    return f'<script src="{source}" integrity="{pinned}" crossorigin="anonymous"></script>'


def _destroy(arguments: argparse.Namespace) -> int:
    stage, stack = _stage(arguments), Stack(_stage(arguments), Aws())
    tables = sorted(value for name, value in stack.outputs().items() if name.endswith("Table"))
    fate = "all but its tables" if stage.is_production else "all its data"
    if (arguments.yes or _typed(f"This deletes {stack.name} with {fate}.")) != stage.name:
        raise InfraError(
            f"Nothing was deleted: the stage's name was not repeated. Say --yes {stage.name} to do it."
        )
    stack.delete()
    print(f"{stack.name} is deleted.")
    if stage.is_production:
        print("Its tables are kept, and protected from deletion:", *tables, sep="\n  ")
    return 0


def _typed(warning: str) -> str:
    """What the operator types; nothing where nobody sits."""
    if not sys.stdin.isatty():
        return ""
    return input(f"{warning} Type the stage's name to go on: ").strip()


def _stage(arguments: argparse.Namespace) -> Stage:
    return Stage.of(arguments.stage, os.environ)
