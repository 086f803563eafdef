"""The commands `package`, `deploy` and `destroy`."""

import argparse
import os

from infra.arguments import Commands, add_command, add_stage
from infra.aws import Aws
from infra.deploy.packaging import package
from infra.deploy.page_inventory import expected_headers, page_inventory, publish, withdraw
from infra.deploy.payments import require_no_payments
from infra.deploy.readiness import require_ready
from infra.deploy.review import ChangeReview, confirm
from infra.deploy.site_upload import upload_sites
from infra.deploy.stack import Stack
from infra.errors import InfraError
from infra.sites import CHECKOUT, SDK_VERSION, Addresses, integrity
from infra.stage import Stage


def add_commands(commands: Commands) -> None:
    """Add the commands."""
    add_stage(
        add_command(commands, "package", _package, "build a stage's archives and template without deploying")
    )
    deploy = add_stage(
        add_command(
            commands,
            "deploy",
            _deploy,
            "show the changes of a stage's stack, make them after a confirmation, and upload its sites",
        )
    )
    deploy.add_argument(
        "--replace-api", action="store_true", help="change the kind of the stage's API, which changes its URL"
    )
    _add_confirmation(deploy)
    deploy.add_argument(
        "--allow-data-loss",
        metavar="STAGE",
        help="also delete or replace tables, confirmed with the stage's name",
    )
    deploy.add_argument(
        "--replace-sites",
        action="store_true",
        help="change what serves the stage's sites, which changes their addresses",
    )
    destroy = add_stage(
        add_command(
            commands,
            "destroy",
            _destroy,
            "delete a stage's stack and its data; the tables of a production stage are kept",
        )
    )
    _add_confirmation(destroy)
    destroy.add_argument(
        "--with-payments",
        action="store_true",
        help="also delete the stack of a production stage that has payments",
    )


def _add_confirmation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", metavar="STAGE", help="confirm with the stage's name, without a prompt")


def _package(arguments: argparse.Namespace) -> int:
    print(package(_stage(arguments)).folder / "sam.json")
    return 0


def _deploy(arguments: argparse.Namespace) -> int:
    stage, aws = _stage(arguments), Aws()
    require_ready(
        stage, aws, may_replace_api=arguments.replace_api, may_replace_sites=arguments.replace_sites
    )
    review = ChangeReview(stage=stage, confirmed=arguments.yes, data_loss_allowed=arguments.allow_data_loss)
    outputs = Stack(stage, aws).deploy(package(stage), review)
    addresses = Addresses.on_aws(outputs, stage.name)
    upload_sites(outputs, addresses, aws)
    if stage.is_production:
        publish(page_inventory(addresses, expected_headers(outputs)), stage, aws)
    for name, value in sorted(outputs.items()):
        print(f"{name:<28}{value}")
    print(f"\nScript tag for your page:\n{_script_tag(addresses)}")
    return 0


def _script_tag(addresses: Addresses) -> str:
    """The script tag that loads the SDK, pinned by its hash."""
    source = f"{addresses.checkout_url}/checkout-{SDK_VERSION}.js"
    hash_ = integrity((CHECKOUT.folder / "checkout.js").read_bytes())
    return f'<script src="{source}" integrity="{hash_}" crossorigin="anonymous"></script>'


def _destroy(arguments: argparse.Namespace) -> int:
    stage, aws = Stage(arguments.stage), Aws()
    stack = Stack(stage, aws)
    outputs = stack.outputs()
    tables = sorted(value for name, value in outputs.items() if name.endswith("Table"))
    if stage.is_production and not arguments.with_payments:
        require_no_payments(stage, outputs, aws)
    effect = "except its tables and the bucket of the checkout" if stage.is_production else "and all its data"
    if (arguments.yes or confirm(f"This deletes the stack {stack.name} {effect}.")) != stage.name:
        raise InfraError(
            "Nothing was deleted: the stage's name was not confirmed. "
            f"To delete the stage, add --yes {stage.name}."
        )
    checkout_bucket = stack.outputs().get(CHECKOUT.bucket)
    stack.delete()
    if stage.is_production:
        withdraw(stage, stack.aws)
    print(f"{stack.name} was deleted.")
    if stage.is_production:
        print("Its tables are kept, protected from deletion:", *tables, sep="\n  ")
        if checkout_bucket:
            print(
                f"The bucket of the checkout is kept, so that no one else can use its name: {checkout_bucket}"
            )
    return 0


def _stage(arguments: argparse.Namespace) -> Stage:
    return Stage.configured(arguments.stage, os.environ)
